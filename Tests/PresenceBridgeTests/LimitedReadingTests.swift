import Logging
import Mosquitto
import PresenceCore
import PresenceStore
import Simulation
import Testing

@testable import PresenceBridge

@Suite("Readings that the broker limits")
struct LimitedReadingTests {
    /// A bridge at a simulated broker that may send only so many retained messages.
    private final class Setting {
        let agenda = Agenda()
        let broker: SimulatedBroker
        let logbook = RecordedLog()
        private let shell: Shell
        private let hand: SimulatedTransport

        init(devices: Int, limit: Int?, _ version: ProtocolVersion) throws {
            let broker = SimulatedBroker(
                agenda: agenda,
                dice: Dice(seed: 1, part: "broker"),
                options: SimulatedBrokerOptions {
                    $0.maxQueued = 100_000
                    $0.retainedLimit = limit
                }
            )
            self.broker = broker
            broker.start()
            hand = try broker.dial(ConnectionOptions(clientID: "hand", host: "127.0.0.1", port: 1))
            shell = try Shell(
                Configuration.load(
                    Configuration.Origin(arguments: [
                        "--metrics_interval", "0", "--mqtt_version", version == .v5 ? "5" : "3.1.1",
                    ])
                ),
                store: SQLiteStore(path: ":memory:", synchronous: .normal),
                dial: { options throws(MosquittoError) in try broker.dial(options) },
                random: Dice(seed: 1, part: "link"),
                started: agenda.now,
                log: logbook.logger
            )
            try hand.connect()
            pass(100)
            for number in 0..<devices {
                let topic = "presence/device/user-\(number)/phone"
                _ = try hand.publish(Message(topic: topic, payload: "online", qos: 1, retain: true))
                if number.isMultiple(of: 10) { pass(20) }
            }
            pass(1_000)
        }

        deinit { shell.close() }

        /// Lets time pass for all but the bridge, or for all.
        func pass(_ milliseconds: Int, withBridge: Bool = false) {
            for _ in 0..<milliseconds {
                agenda.pass(1)
                hand.write()
                _ = hand.read(limit: 1_000)
                _ = hand.takeEvents()
                if withBridge { while shell.turn(at: agenda.now) {} }
            }
        }

        /// Ends the bridge's connection.
        func sever() throws {
            let transport = try #require(shell.transport as? SimulatedTransport)
            transport.cut()
            pass(5_000, withBridge: true)
            let calls = logbook.lines(.notice).count { $0.contains("connected to the broker") }
            #expect(calls == 2)
        }

        var online: Int { shell.metrics.usersOnline }

        /// The errors that tell of a limit.
        var told: [String] { logbook.lines(.error).filter { $0.contains("no more than") } }

        /// How often the bridge has read everything.
        var readings: Int { broker.snapshots["presence/device/+/+"] ?? 0 }

        /// What the bridge has left below the device topics.
        var additions: [String] { broker.retained.keys.filter { $0.contains("$bridge") } }
    }

    @Test(
        "One of a usual size is found out, and told once",
        arguments: [100, 128, 1_000],
        [ProtocolVersion.v5, .v311]
    )
    func limited(_ limit: Int, _ version: ProtocolVersion) throws {
        let setting = try Setting(devices: limit * 5 / 4, limit: limit, version)
        setting.pass(8_000, withBridge: true)
        let line = try #require(setting.told.first)
        #expect(line.contains("no more than \(limit) retained messages"))
        #expect(line.contains("match_retained_limit: infinity"))
        #expect(setting.additions == [])
        try setting.sever()
        setting.pass(8_000, withBridge: true)
        #expect(setting.told.count == 1 && setting.additions == [])
    }

    @Test(
        "A broker that sends all is not accused, however many devices there are",
        arguments: [99, 100, 128, 137],
        [ProtocolVersion.v5, .v311]
    )
    func whole(_ devices: Int, _ version: ProtocolVersion) throws {
        let setting = try Setting(devices: devices, limit: nil, version)
        setting.pass(8_000, withBridge: true)
        try setting.sever()
        setting.pass(8_000, withBridge: true)
        #expect(setting.logbook.lines(.error).filter { !$0.contains("no connection") } == [])
        #expect(setting.additions == [])
    }

    @Test("Whatever the size, it is found out by the devices that were known, and they stay online")
    func known() throws {
        let setting = try Setting(devices: 200, limit: nil, .v5)
        setting.pass(8_000, withBridge: true)
        #expect(setting.told == [])
        setting.broker.options.retainedLimit = 137
        let before = setting.readings
        try setting.sever()
        setting.pass(20_000, withBridge: true)
        let line = try #require(setting.told.first)
        #expect(line.contains("no more than 137 retained messages"))
        #expect(setting.readings <= before + 3, "what is proved is not looked for again and again")
        #expect(setting.additions == [])
        for number in 0..<200 {
            let status = setting.broker.retained["presence/status/user-\(number)"]
            #expect(status?.text.contains(#""status":"online""#) == true)
        }
    }
}
