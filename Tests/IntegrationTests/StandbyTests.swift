import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Several bridges on one prefix")
struct StandbyTests {
    /// Starts a second process of the bridge beside that of the service, with a store of its own.
    private func second(_ service: Service, id: String) async throws -> Child {
        let name = "second-\(UUID().uuidString.prefix(8)).db"
        return try service.launch(["bridge_id": id, "store": service.broker.folder.file(name)])
    }

    /// How many answers come to ten requests.
    private func answers(_ client: TestClient) async throws -> Int {
        for number in 1...10 {
            let request = #"{"id":\#(number),"usernames":["bob"]}"#
            try await client.publish("presence/request/alice/test/get", request)
        }
        let last = try await client.expect { $0.text.hasPrefix(#"{"id":10,"#) }
        return client.takeMessages().count { $0.topic == last.topic } + 1
    }

    @Test(
        "The second one stands by, and serves when the first one ends",
        arguments: ["presence-bridge", "b3"],
        [true, false]
    )
    func standsBy(_ id: String, _ isKilled: Bool) async throws {
        let service = try await Service.start()
        defer { service.end() }
        let first = try #require(service.bridgeProcess)
        let alice = try await service.client("alice")
        let other = try await second(service, id: id)
        defer { other.kill() }
        let line = try await other.line(with: "error", "stands by")
        #expect(line.contains("'\(id == "b3" ? "presence-bridge" : id)'"))
        #expect(line.contains("the prefix presence"))
        #expect(line.contains("another topic_prefix, and a store of its own"))
        #expect(try await answers(alice) == 10)

        // It serves nobody meanwhile, and says so once.
        #expect(other.count("stands by") == 1)
        #expect(first.count("error") == 0, "\(first.errors)")
        if isKilled { first.kill() } else { _ = try await first.terminate() }
        let topic = "presence/bridge/\(id)"
        try await service.retained(topic) { $0["state"]?.string == "online" }
        try await other.line(with: "serves now")
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        #expect(other.exit == nil)
        keep(bob)
    }

    @Test(
        "One that stands by and dies leaves the bridge online, and a start for a try ends nothing"
    )
    func tried() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let first = try #require(service.bridgeProcess)
        for isKilled in [true, false] {
            let other = try await second(service, id: Service.bridgeID)
            try await other.line(with: "error", "stands by")
            if isKilled { other.kill() } else { #expect(try await other.terminate() == .code(0)) }
            try await service.bridgeState { $0["state"]?.string == "online" }
        }
        // The broker has published the last will by now.
        let monitor = try await service.monitor("presence/bridge/+/metrics/uptime")
        _ = try await monitor.expect { _ in true }
        try await service.bridgeState { $0["state"]?.string == "online" }
        #expect(first.exit == nil)
        #expect(first.count("connected to the broker") == 1)
    }

    @Test("What a bridge has left that is no more is found out, told, and written over")
    func ghost() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let hand = try await TestClient.connect(
            to: service.broker,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
        for id in ["old", Service.bridgeID] {
            let state =
                #"{"state":"online","version":"0","protocol":1,"started":17,"epoch":1,"grace":60}"#
            try await hand.publish("presence/bridge/\(id)", state, retain: true)
        }
        try await service.startBridge(waits: false)
        let bridge = try #require(service.bridgeProcess)
        try await bridge.line(with: "warning", "'old'", "does not answer")
        try await service.bridgeState {
            $0["state"]?.string == "online" && $0["started"]?.integer != 17
        }
        try await service.retained("presence/bridge/old") { $0["state"]?.string == "offline" }
    }

    @Test("Of those that start at the same instant exactly one serves")
    func sameInstant() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let alice = try await service.client("alice")
        var processes: [Child] = []
        defer { for process in processes { process.kill() } }
        for id in ["a", "b", "b"] { processes.append(try await second(service, id: id)) }
        try await eventually("two stand by") {
            processes.count { $0.errors.contains("stands by") } == 2 ? true : nil
        }
        // What is asked before one says that it is online may stay unanswered.
        let states = try await service.monitor("presence/bridge/+")
        _ = try await states.expect { $0.text.contains("online") }
        #expect(try await answers(alice) == 10)
        #expect(processes.allSatisfy { $0.exit == nil })
        // The one that serves ends, and again exactly one of the others serves.
        let index = try #require(processes.firstIndex { !$0.errors.contains("stands by") })
        _ = try await processes[index].terminate()
        try await eventually("one serves in its place") {
            processes.contains { $0.errors.contains("serves now") } ? true : nil
        }
        let monitor = try await service.monitor("presence/bridge/+")
        _ = try await monitor.expect { $0.text.contains("online") }
        #expect(try await answers(alice) == 10)
    }

    @Test("Nobody is told the client id, which is another one at each start")
    func clientID() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let monitor = try await service.monitor("presence/#", "$SYS/#")
        var ids: Set<String> = []
        for _ in 1...2 {
            let bob = try await service.device("bob", "phone")
            try await service.status(of: "bob", is: "online")
            await bob.dropConnection()
            try await service.killBridge()
            try await service.startBridge()
        }
        for word in service.broker.log.split(whereSeparator: { " (),'\n".contains($0) })
        where word.hasPrefix("\(Service.bridgeID)-") { ids.insert(String(word)) }
        #expect(ids.count == 3, "\(ids)")
        #expect(ids.allSatisfy { $0.utf8.count == Service.bridgeID.utf8.count + 65 })
        _ = try await monitor.expect { $0.topic.hasSuffix("/metrics/uptime") && $0.text != "0" }
        for message in monitor.takeMessages() {
            for id in ids {
                #expect(!message.topic.contains(id), "\(message.topic)")
                #expect(!message.text.contains(id), "\(message.topic)")
            }
        }
    }
}
