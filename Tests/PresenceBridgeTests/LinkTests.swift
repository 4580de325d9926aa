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
}
