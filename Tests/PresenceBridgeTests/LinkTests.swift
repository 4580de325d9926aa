import BrokerFixture
import Foundation
import Logging
import Mosquitto
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("The link to the broker")
struct LinkTests {
    private func link(port: UInt16 = 1883) throws -> Link {
        let configuration = try Configuration.load(
            Configuration.Origin(arguments: ["--host", "127.0.0.1", "--port", "\(port)"])
        )
        let log = Logger(label: "link") { _ in SwiftLogNoOpLogHandler() }
        return Link(
            configuration.settings,
            dial: { options throws(MosquittoError) in try Connection(options) },
            random: SystemRandomNumberGenerator(),
            started: Instant(uptime: 0, unix: 1_000),
            second: 1,
            log: log
        )
    }

    @Test(
        "Only a connection that broke may have done so for the version of MQTT",
        arguments: [
            (Closure.lost("x"), .hungUp), (.protocolViolation("x"), .malformed), (.byUs, .other),
            (.keepAliveTimeout, .other), (.hostNotFound("x"), .other), (.unreachable("x"), .other),
            (.tls("x"), .other), (.byServer(.serverShuttingDown), .other),
        ] as [(Closure, VersionChoice.Failure)]
    )
    func versions(_ closure: Closure, _ failure: VersionChoice.Failure) {
        #expect(closure.versionFailure == failure)
    }

    @Test("A broker that takes the call and says nothing is waited for, and not asked every moment")
    func silentBroker() throws {
        let (descriptor, port) = try Ports.listen()
        defer { close(descriptor) }
        let link = try link(port: port)
        var inputs: [Input] = []
        link.step(at: Instant(uptime: 5_000, unix: 0), &inputs)
        for uptime: Int64 in [5_000, 9_000, 15_000] {
            link.step(at: Instant(uptime: uptime, unix: 0), &inputs)
            guard case .connecting = link.state else {
                Issue.record("\(link.state) at \(uptime)")
                return
            }
            #expect(link.nextStep == 15_001)
        }
        link.step(at: Instant(uptime: 15_001, unix: 0), &inputs)
        guard case .resting(let until) = link.state else {
            Issue.record("\(link.state)")
            return
        }
        #expect(until > 15_001 && link.nextStep == until)
    }

    @Test(
        "Where somebody else had the client id, the next call has a new one, and the log says so",
        arguments: [(.byServer(.sessionTakenOver), 2), (.lost("x"), 1)] as [(Closure, Int)]
    )
    func takenOver(_ closure: Closure, _ ids: Int) throws {
        let logbook = Logbook()
        let notepad = Notepad()
        var called: [String] = []
        let link = Link(
            try Configuration.load(Configuration.Origin(arguments: [])).settings,
            dial: { options throws(MosquittoError) in
                called.append(options.clientID)
                return notepad
            },
            random: SystemRandomNumberGenerator(),
            started: Instant(uptime: 0, unix: 1_000),
            second: 1,
            log: logbook.logger
        )
        var inputs: [Input] = []
        link.step(at: Instant(uptime: 0, unix: 0), &inputs)
        notepad.events = [.connected(Acknowledgement()), .closed(closure)]
        _ = link.receive(at: Instant(uptime: 1, unix: 0), &inputs)
        #expect(inputs.last == .brokerLost)
        link.step(at: Instant(uptime: 60_000, unix: 0), &inputs)
        #expect(called.count == 2 && Set(called).count == ids)
        let lines = logbook.lines(.error)
        let words = "somebody else had this bridge's client id, so it takes a new one"
        #expect(lines.count == 1 && lines[0].contains("\(closure)"))
        #expect(lines[0].contains(words) == (ids == 2))
        // The id itself is for nobody's eyes.
        for id in called { #expect(!lines[0].contains(id)) }
    }

    @Test(
        "The broker's uptime is a number of seconds that can be reckoned with",
        arguments: [
            ("17 seconds", 17), ("10000000001", 10_000_000_000),
            ("9223372036854775807 seconds", 10_000_000_000), ("9223372036854775808", 0),
            ("18446744073709551614 seconds", 0), ("99999999999999999999999", 0),
            ("-5 seconds", nil), ("", nil), ("٣ seconds", nil),
        ] as [(String, Int64?)]
    )
    func uptime(_ text: String, _ seconds: Int64?) throws {
        let link = try link()
        var inputs: [Input] = []
        link.receive(
            Message(topic: "$SYS/broker/uptime", payload: text, retain: true),
            at: Instant(uptime: 0, unix: 0),
            &inputs
        )
        #expect(inputs == (seconds.map { [.uptimeReported($0, isRetained: true)] } ?? []))
    }
}
