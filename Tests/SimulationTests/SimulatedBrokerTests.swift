import Mosquitto
import PresenceBridge
import PresenceCore
import Simulation
import Testing

/// What no test can make a real broker do when it wants.
@Suite("The simulated broker")
struct SimulatedBrokerTests {
    /// Messages that the broker took: `client topic payload`, wills with a mark.
    private final class Log {
        var lines: [String] = []
    }

    private func device(
        on stage: SimulatedStage,
        _ id: String,
        keepAlive: UInt16 = 60
    ) throws -> Peer {
        try Peer.connected(on: stage, id) { options in
            options.keepAlive = keepAlive
            options.will = Message(topic: "will/\(id)", payload: "lost", qos: 1, retain: true)
        }
    }

    private func stage(
        seed: UInt64 = 1,
        _ change: (inout SimulatedBrokerOptions) -> Void = { _ in }
    ) -> (SimulatedStage, Log) {
        let stage = SimulatedStage(seed: seed, SimulatedBrokerOptions(change))
        let log = Log()
        stage.broker.onAccept = { message, client, isWill in
            log.lines.append(
                "\(isWill ? "will of " : "")\(client) \(message.topic) \(message.text)"
            )
        }
        return (stage, log)
    }

    private func simulated(_ peer: Peer) throws -> SimulatedTransport {
        try #require(try peer.open() as? SimulatedTransport)
    }

    @Test(
        "A half-open connection is given up by both sides, each in its time, and the will is late"
    )
    func halfOpen() throws {
        let (stage, log) = stage()
        let device = try device(on: stage, "device", keepAlive: 10)
        try simulated(device).isSwallowed = true
        let begun = stage.agenda.now.uptime
        _ = try device.open().publish(Message(topic: "a", payload: "x", qos: 1))
        // The client alone can come back, under another identifier, while the old one stands.
        _ = try self.device(on: stage, "other")
        #expect(stage.broker.clientIDs == ["device", "other"])
        #expect(stage.pass(30_000, ticking: [device]) { !log.lines.isEmpty })
        #expect(log.lines == ["will of device will/device lost"])
        #expect((15_000...21_100).contains(stage.agenda.now.uptime - begun))
        #expect(stage.pass(30_000, ticking: [device]) { device.isOver })
        #expect(try device.closure() == .keepAliveTimeout)
        #expect((10_000...21_100).contains(stage.agenda.now.uptime - begun))
        #expect(stage.broker.clientIDs == ["other"])
        #expect(stage.broker.retained.keys.sorted() == ["will/device"])
    }

    @Test("What was held back passes when the way is free in time")
    func shortHalfOpen() throws {
        let (stage, log) = stage()
        let device = try device(on: stage, "device")
        try simulated(device).isSwallowed = true
        _ = try device.open().publish(Message(topic: "a", payload: "x", qos: 1))
        stage.pass(20_000, ticking: [device]) { false }
        #expect(log.lines.isEmpty)
        try simulated(device).isSwallowed = false
        stage.pass(1_000, ticking: [device]) { false }
        #expect(log.lines == ["device a x"])
        #expect(try device.open().unacknowledged == 0)
    }

    @Test("A call into the void is not answered until the way is free")
    func swallowedCall() throws {
        let (stage, _) = stage()
        let transport = try stage.broker.dial(
            ConnectionOptions(clientID: "device", host: "127.0.0.1")
        )
        transport.isSwallowed = true
        try transport.connect()
        transport.write()
        var readable = 0
        transport.onReadable = { readable += 1 }
        stage.agenda.pass(10_000)
        #expect(readable == 0)
        #expect(stage.broker.clientIDs.isEmpty)
        transport.isSwallowed = false
        stage.agenda.pass(100)
        #expect(readable == 1)
        #expect(!transport.isConnected)
        _ = transport.read(limit: 10)
        #expect(transport.isConnected)
    }

    @Test("Of what a process wrote before it died, any tail may be lost; its will comes behind")
    func severed() throws {
        var arrived: Set<Int> = []
        for seed in 1...40 as ClosedRange<UInt64> {
            let (stage, log) = stage(seed: seed) { $0.latency = 1...3 }
            let device = try device(on: stage, "device")
            for number in 0..<3 {
                _ = try device.open().publish(Message(topic: "a", payload: "\(number)", qos: 1))
            }
            try device.open().write()
            try simulated(device).sever()
            stage.agenda.pass(100)
            #expect(log.lines.last == "will of device will/device lost")
            let numbers = log.lines.dropLast()
            #expect(Array(numbers) == (0..<numbers.count).map { "device a \($0)" })
            arrived.insert(numbers.count)
            #expect(device.isOver == false, "a dead process learns nothing")
            #expect(try device.open().takeEvents().isEmpty)
        }
        #expect(arrived == [0, 1, 2, 3])
    }

    @Test("What a reader acknowledged, and did not take before it died, is lost")
    func acknowledgedAndLost() throws {
        let (stage, log) = stage()
        let reader = try Peer.connected(on: stage, "reader")
        try reader.subscribe("a", qos: 1)
        let transport = try simulated(reader)
        let sender = try Peer.connected(on: stage, "sender")
        reader.isReading = false
        #expect(try sender.publish("a", "x") == .success)
        _ = transport.read(limit: 10)
        transport.write()
        transport.sever(losing: .nothing)
        stage.agenda.pass(100)
        #expect(log.lines == ["sender a x"])
        #expect(transport.takeEvents().isEmpty)
        // Nobody delivers it again.
        let second = try Peer.connected(on: stage, "reader")
        try second.subscribe("a", qos: 1)
        #expect(try second.drain().isEmpty)
    }

    @Test("A connection that is cut ends on both sides")
    func cut() throws {
        let (stage, log) = stage()
        let device = try device(on: stage, "device")
        try simulated(device).cut()
        guard case .lost = try device.closure() else {
            Issue.record("not lost")
            return
        }
        stage.agenda.pass(100)
        #expect(log.lines == ["will of device will/device lost"])
    }

    @Test("A publish can come twice, and is acknowledged once")
    func duplicate() throws {
        let (stage, log) = stage()
        let device = try device(on: stage, "device")
        try simulated(device).duplicateNext()
        let packet = try device.open().publish(Message(topic: "a", payload: "x", qos: 1))
        #expect(try device.reason(of: packet) == .noMatchingSubscribers)
        try device.publish("a", "y")
        #expect(log.lines == ["device a x", "device a x", "device a y"])
        #expect(try device.drain().isEmpty)
        #expect(device.events.isEmpty)
    }

    @Test("The will of a connection that was taken over comes late, or never, if so set")
    func takeOverWill() throws {
        let (late, lines) = stage { $0.takeOverWill = .late(5_000...5_000) }
        _ = try device(on: late, "device")
        let second = try device(on: late, "device")
        try second.publish("a", "online")
        late.agenda.pass(6_000)
        #expect(lines.lines == ["device a online", "will of device will/device lost"])

        let (never, others) = stage {
            $0.takeOverWill = .none
            $0.announcesTakeOver = true
        }
        let first = try device(on: never, "device")
        _ = try device(on: never, "device")
        never.agenda.pass(10_000)
        #expect(others.lines.isEmpty)
        #expect(try first.closure() == .byServer(.sessionTakenOver))
    }

    @Test("Without persistence, or with its file lost, a broker comes back empty")
    func empty() throws {
        for isKept in [true, false] {
            let (stage, _) = stage { $0.persistence = isKept }
            let device = try device(on: stage, "device")
            try device.publish("a", "x", retain: true)
            stage.broker.stop()
            if isKept { stage.broker.forgetSaved() }
            stage.broker.start()
            #expect(stage.broker.retained.isEmpty)
        }
    }

    @Test("A retained message expires, and says until then what is left")
    func expiry() throws {
        let (stage, _) = stage()
        let device = try device(on: stage, "device")
        try device.publish("a", "x", retain: true) { $0.messageExpiry = 100 }
        stage.pass(40_000, ticking: [device]) { false }
        try device.subscribe("a", qos: 0)
        #expect(try device.message().properties.messageExpiry == 60)
        stage.pass(61_000, ticking: [device]) { false }
        try device.subscribe("a", qos: 0)
        #expect(try device.drain().isEmpty)
        #expect(stage.broker.retained.isEmpty)
    }

    @Test("A broker without MQTT 5 refuses it, and takes MQTT 3.1.1")
    func oldBroker() throws {
        let (stage, _) = stage { $0.supportsV5 = false }
        let modern = try Peer(on: stage, "modern")
        #expect(try modern.refusal() == .unsupportedProtocolVersion)
        _ = try Peer.connected(on: stage, "old", .v311)
    }

    @Test("A broker of several packets a turn passes on in the next, behind what came with it")
    func severalPackets() throws {
        for isModern in [false, true] {
            let (stage, log) = stage {
                $0.latency = 1...1
                $0.hasPlugin = true
                $0.takesSeveralPackets = isModern
            }
            let bridge = try Peer.connected(on: stage, "bridge")
            _ = try bridge.open().publish(
                Message(topic: "$CONTROL/presence/v1", payload: #"{"hello":1}"#, qos: 1)
            )
            let answer = try bridge.message()
            #expect(answer.topic == "presence/bridge/bridge/plugin")
            #expect(
                answer.text == (isModern ? #"{"fanout":1,"overtaken":true}"# : #"{"fanout":1}"#)
            )
            for payload in ["one", "two"] {
                let line = #"{"fanout":["bob","carol"],"done":true}"#
                _ = try bridge.open().publish(
                    Message(topic: "$CONTROL/presence/v1", payload: "\(line)\n\(payload)", qos: 1)
                )
                // Both are written at once, and arrive together.
                _ = try bridge.open().publish(Message(topic: "a", payload: payload, qos: 1))
            }
            #expect(try bridge.message().text == #"{"done":true}"#)
            #expect(try bridge.message().text == #"{"done":true}"#)
            try bridge.publish("a", "behind done")
            let (one, two) = (
                ["bob", "carol"].map { "bridge presence/event/\($0) one" },
                ["bob", "carol"].map { "bridge presence/event/\($0) two" }
            )
            let plain = ["bridge a one", "bridge a two"]
            #expect(
                log.lines == (isModern ? plain + one + two : one + plain[..<1] + two + plain[1...])
                    + ["bridge a behind done"]
            )
        }
    }

    @Test("A broker that takes its start too late first says an uptime below zero, unsigned")
    func uptimeBelowZero() throws {
        let stage = SimulatedStage(SimulatedBrokerOptions { $0.startLag = 2 })
        let reader = try Peer.connected(on: stage, "reader")
        try reader.subscribe("$SYS/broker/uptime", qos: 1)
        #expect(try reader.message().text == "18446744073709551614 seconds")
        #expect(stage.pass(20_000, ticking: [reader]) { !reader.events.isEmpty })
        #expect(try reader.message().text == "8 seconds")
    }

    @Test("A broker that dies while it is called loses the call")
    func killedAmidCall() throws {
        let (stage, _) = stage { $0.latency = 5...5 }
        let peer = try Peer(on: stage, "peer")
        peer.pump()
        stage.agenda.pass(2)
        stage.broker.kill()
        guard case .lost = try peer.closure() else {
            Issue.record("not lost")
            return
        }
    }

    @Test("One seed brings the same run, another seed another")
    func determinism() throws {
        let runs = try [1, 1, 2].map { try walk(seed: $0) }
        #expect(runs[0].count > 100)
        #expect(runs[0] == runs[1])
        #expect(runs[0] != runs[2])
    }

    /// All that 20 clients saw of each other's words, deaths and returns.
    private func walk(seed: UInt64) throws -> [String] {
        let (stage, log) = stage(seed: seed)
        var dice = Dice(seed: seed, part: "walk")
        var seen: [String] = []
        let reader = try Peer.connected(on: stage, "reader")
        try reader.subscribe("#", "a/+", qos: 1)
        var clients: [Peer] = []
        for step in 0..<100 {
            if clients.count < 20 {
                clients.append(try device(on: stage, "client\(dice.number(0...30))"))
            }
            let client = dice.pick(clients)
            if !client.isOver, try client.open().isConnected {
                let topic = "a/\(dice.number(0...9))"
                _ = try client.open().publish(
                    Message(topic: topic, payload: "\(step)", qos: 1, retain: true)
                )
            }
            if dice.chance(20) {
                client.drop()
                clients.removeAll { $0 === client }
                stage.peers.removeAll { $0 === client }
            }
            stage.pass(dice.number(0...5), ticking: []) { false }
        }
        let late = try Peer.connected(on: stage, "late")
        try late.subscribe("#", qos: 0)
        for peer in [reader, late] {
            seen += try peer.drain().map { "\($0.topic) \($0.text) \($0.retain)" }
        }
        return log.lines + seen
    }
}
