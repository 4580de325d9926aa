import BrokerFixture
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
        return Link(configuration.settings, started: Instant(uptime: 0, unix: 1_000), log: log)
    }

    @Test(
        "Only a connection that broke may have done so for the version of MQTT",
        arguments: [
            (Closure.lost("x"), true), (.protocolViolation("x"), true), (.byUs, false),
            (.keepAliveTimeout, false), (.hostNotFound("x"), false), (.unreachable("x"), false),
            (.tls("x"), false), (.byServer(.serverShuttingDown), false),
        ]
    )
    func versions(_ closure: Closure, _ mayBe: Bool) {
        #expect(closure.mayBeForVersion == mayBe)
    }
}
