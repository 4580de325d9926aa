import BrokerFixture
import Foundation
import Logging
import Mosquitto
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("The link to the broker")
struct LinkTests {
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
        let arguments = ["--host", "127.0.0.1", "--port", "\(port)"]
        let configuration = try Configuration.load(Configuration.Origin(arguments: arguments))
        var calls = 0
        let link = Link(
            LinkMachine(
                configuration.settings,
                random: SystemRandomNumberGenerator(),
                started: Instant(uptime: 0, unix: 1_000),
                second: 1
            ),
            dial: { options throws(MosquittoError) in
                calls += 1
                return try Connection(options)
            },
            log: Logger(label: "link") { _ in SwiftLogNoOpLogHandler() }
        )
        for uptime: Int64 in [5_000, 9_000, 15_000] {
            link.step(at: Instant(uptime: uptime, unix: 0))
            #expect(link.transport != nil && link.nextStep == 15_001)
        }
        link.step(at: Instant(uptime: 15_001, unix: 0))
        #expect(link.transport == nil && link.nextStep > 15_001 && calls == 1)
    }

    @Test("One that cannot even be called is called again after a pause, and said to be away once")
    func notCalled() throws {
        let logbook = RecordedLog()
        var calls = 0
        let link = Link(
            LinkMachine(
                Settings(),
                random: SystemRandomNumberGenerator(),
                started: Instant(uptime: 0, unix: 1_000),
                second: 1
            ),
            dial: { _ throws(MosquittoError) in
                calls += 1
                throw .tls("no such file")
            },
            log: logbook.logger
        )
        for uptime: Int64 in [0, 60_000, 120_000] {
            link.step(at: Instant(uptime: uptime, unix: 0))
        }
        #expect(calls == 3 && logbook.lines(.error).count == 1)
        #expect(link.transport == nil && link.takeInputs() == [])
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
        var rig = try LinkRig.serving()
        rig.hear("$SYS/broker/uptime", text, retain: true)
        #expect(rig.told == (seconds.map { [.uptimeReported($0, isRetained: true)] } ?? []))
    }
}
