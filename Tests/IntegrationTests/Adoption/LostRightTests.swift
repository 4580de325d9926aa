import BrokerFixture
import Foundation
import Presence
import Testing

@Suite("A right to read adopted topics that the broker takes away")
struct LostRightTests {
    @Test(
        "Things stay as they were, the log names the right, and what was emptied is gone with it",
        .disabled(if: Service.usesPlugin, "the list is what it changes")
    )
    func reload() async throws {
        let flags = ["audit_interval": "1s"]
        let service = try await Service.adopting(["tasmota"], topics: ["tele/#"], flags: flags)
        defer { service.end() }
        let things = try await service.things()
        for name in ["plug", "heater"] {
            try await things.publish("tele/\(name)/LWT", "Online", retain: true)
        }
        let before = try await service.status(of: "tasmota-heater", is: "online")
        try await service.status(of: "tasmota-plug", is: "online")
        let (broker, acl) = (service.broker, service.broker.folder.read("acl"))
        let right = "\ntopic read tele/#\n"
        #expect(acl.contains(right))
        try await broker.reload(acl: acl.replacingOccurrences(of: right, with: "\n"))
        try await eventually("the right is named", log: service.bridgeLog) {
            service.bridgeLog.contains("its things stay as they were") ? true : nil
        }
        #expect(service.bridgeLog.contains("topic read tele/+/LWT"))
        try await things.publish("tele/plug/LWT", "", retain: true)
        #expect(try await service.status(of: "tasmota-plug")["online"] == .bool(true))
        try await broker.reload(acl: acl)
        try await service.status(of: "tasmota-plug") { $0["cause"]?.string == "logout" }
        #expect(try await service.status(of: "tasmota-heater") == before)
    }
}
