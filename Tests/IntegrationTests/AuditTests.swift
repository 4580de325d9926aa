import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("What the broker does not deliver")
struct AuditTests {
    @Test("A bridge that was stopped reads again what the broker dropped meanwhile")
    func stalled() async throws {
        let service = try await Service.start(["audit_interval": "0"], users: ["flood"]) {
            $0.extra = "max_queued_messages 1"
        }
        defer { service.end() }
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob", "carol")
        let bob = try await service.device("bob", "phone")
        let carol = try await service.device("carol", "phone")
        _ = try await alice.events(upTo: "carol", word: "online")
        try await service.status(of: "bob", is: "online")

        let bridge = try #require(service.bridgeProcess)
        bridge.send(SIGSTOP)
        let stopped = ContinuousClock.now
        // Fills what the two systems keep for the connection, then the broker's own queue.
        let flood = try await service.client("flood")
        let load = String(repeating: " ", count: 60_000)
        let isDropping = { service.broker.log.contains("dropped for client presence-bridge") }
        for _ in 0..<60 where !isDropping() {
            for _ in 0..<25 {
                try await flood.publish("presence/request/flood/test/nothing", load, qos: 0)
            }
            try await flood.publish("presence/request/flood/test/nothing", "", qos: 1)
        }
        #expect(isDropping())
        let before = service.broker.log.utf8.count
        try await bob.state("away")
        try await carol.state("offline")
        let since = service.broker.log.utf8.dropFirst(before)
        #expect(!String(decoding: since, as: UTF8.self).contains("PUBLISH to presence-bridge"))
        // The bridge holds a pause of more than a second for one in which messages may be lost.
        // It may have been about to wait for a good second anyway.
        try await Task.sleep(until: stopped + .milliseconds(1_500))
        bridge.send(SIGCONT)

        try await service.status(of: "bob", is: "away")
        let gone = try await service.status(of: "carol", is: "offline")
        #expect(gone["cause"]?.string == "logout")
        try await bob.state("busy")
        let events = try await alice.events(upTo: "bob", word: "busy")
        #expect(events.about("bob").map { $0["status"]?.string } == ["away", "busy"])
        #expect(events.about("carol").map { $0["status"]?.string } == ["offline"])
    }

    @Test(
        "What was not delivered at all is found by the audit",
        .disabled(if: Service.usesPlugin, "the list is what it changes")
    )
    func unseen() async throws {
        let service = try await Service.start(["audit_interval": "1s"])
        defer { service.end() }
        let phone = try await service.device("carol", "phone")
        try await service.status(of: "carol", is: "online")
        let (broker, acl) = (service.broker, service.broker.folder.read("acl"))
        let own = "topic readwrite presence/#\n"
        #expect(acl.contains(own))
        let denying = own + "topic deny presence/device/carol/tablet\n"
        try await broker.reload(acl: acl.replacingOccurrences(of: own, with: denying))
        let tablet = try await service.device("carol", "tablet", birth: "dnd")
        // What comes behind it comes; it does not.
        try await phone.state("away")
        let unaware = try await service.status(of: "carol", is: "away")
        #expect(unaware["devices"] == (try JSONValue.text(#"{"phone":"away"}"#)))

        try await broker.reload(acl: acl)
        let mended = try await service.status(of: "carol", is: "dnd")
        #expect(mended["devices"] == (try JSONValue.text(#"{"phone":"away","tablet":"dnd"}"#)))
        let metric = "presence/bridge/presence-bridge/metrics/audit/mended"
        let monitor = try await service.monitor(metric)
        _ = try await monitor.expect { $0.text == "1" }
        keep(phone, tablet)
    }
}
