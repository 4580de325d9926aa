import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("A restart of the bridge")
struct BridgeRestartTests {
    @Test("On SIGTERM and SIGINT it says that it is offline, and ends with 0", arguments: [15, 2])
    func stop(signal: Int32) async throws {
        let service = try await Service.start()
        defer { service.end() }
        let monitor = try await service.monitor("presence/bridge/+")
        _ = try await monitor.expect("presence/bridge/presence-bridge")
        let bridge = try #require(service.bridgeProcess)
        bridge.send(signal)
        #expect(try await bridge.wait() == .code(0))
        let state = try await monitor.expect("presence/bridge/presence-bridge")
        #expect(state.text == #"{"state":"offline"}"#)
        #expect(state.retain)
        #expect(try await service.text(on: state.topic) == #"{"state":"offline"}"#)
    }

    @Test("After kill -9 its will says that it is offline")
    func kill() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let bridge = try #require(service.bridgeProcess)
        bridge.send(SIGKILL)
        #expect(try await bridge.wait() == .signal(SIGKILL))
        try await service.bridgeState { $0["state"]?.string == "offline" }
        let text = try await service.text(on: "presence/bridge/presence-bridge")
        #expect(text == #"{"state":"offline"}"#)
    }

    @Test(
        "Afterwards all that was acknowledged is there, and nobody is told anything",
        arguments: [true, false]
    )
    func silence(isKilled: Bool) async throws {
        let service = try await Service.start()
        defer { service.end() }
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob", "carol", "dave")
        let phone = try await service.device("bob", "phone")
        _ = try await service.request(phone, "publish", #"{"description":"back at 5"}"#)
        let tablet = try await service.device("carol", "tablet", birth: "away")
        let gone = try await service.device("dave", "phone")
        try await gone.state("offline")
        _ = try await alice.events(upTo: "dave", word: "offline")
        try await service.status(of: "bob") { $0["description"]?.string == "back at 5" }
        try await service.status(of: "carol", is: "away")
        let subscriptions = try await service.request(alice, "subscriptions")
        let names = #"{"usernames":["bob","carol","dave","alice"]}"#
        let statuses = try await service.request(alice, "get", names)
        let state = try await service.bridgeState { $0["state"]?.string == "online" }

        defer { keep(phone, tablet, gone) }

        let monitor = try await service.monitor("presence/status/+", "presence/device/+/+")
        try await monitor.subscribe("presence/bridge/+")
        _ = alice.takeMessages()
        if isKilled { try await service.killBridge() } else { try await service.stopBridge() }
        _ = monitor.takeMessages()
        try await service.startBridge()

        // Its own `online` comes last: what came before it is all that it had to say.
        let isOnline: @Sendable (Message) -> Bool = { $0.text.contains(#""state":"online""#) }
        let again = try await monitor.expect("presence/bridge/+", where: isOnline).json
        // The bridge's own marker is no user's; of a device that is offline it need know nothing.
        let told = monitor.takeMessages().filter { message in
            let isOwn = message.topic.contains("$") || message.topic.hasPrefix("presence/bridge/")
            return !isOwn && !(message.topic == "presence/device/dave/phone" && message.text == "")
        }
        #expect(told.map { "\($0.topic): \($0.text)" } == [])
        _ = try await alice.expect("presence/bridge/+", where: isOnline)
        #expect(alice.takeMessages().filter { $0.topic.hasPrefix("presence/event/") } == [])

        let started = try #require(state["started"]?.integer)
        #expect(try #require(again["started"]?.integer) > started)
        #expect(again["epoch"] == state["epoch"])
        let after = try await service.request(alice, "subscriptions")
        #expect(after["result"] == subscriptions["result"])
        #expect(try await service.request(alice, "get", names)["result"] == statuses["result"])

        // What changes now is newer than all that was told before.
        try await phone.state("busy")
        try await tablet.state("online")
        let old = try #require(statuses["result"]?["users"]?[0])
        let new = try await service.status(of: "bob", is: "busy")
        #expect(try #require(new["seq"]?.integer) > #require(old["seq"]?.integer))
        let events = try await alice.events(upTo: "carol", word: "online")
        #expect(events.about("dave").isEmpty)
    }

    @Test("What changed while it was away is told once")
    func changesWhileAway() async throws {
        let service = try await Service.start(users: ["erin", "frank"])
        defer { service.end() }
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob", "carol", "dave", "erin", "frank")
        let bob = try await service.device("bob", "phone")
        let carol = try await service.device("carol", "phone")
        let dave = try await service.device("dave", "phone")
        let erin = try await service.device("erin", "phone")
        for user in ["bob", "carol", "dave", "erin"] {
            try await service.status(of: user, is: "online")
        }
        try await service.killBridge()
        // Away and, in the meantime, much else; logged out; lost; new; as before.
        for word in ["busy", "dnd", "away"] { try await bob.state(word) }
        try await carol.state("offline")
        await dave.dropConnection()
        let frank = try await service.device("frank", "phone", birth: "coffee")
        defer { keep(bob, carol, frank) }
        let devices = try await service.monitor("presence/device/dave/phone")
        _ = try await devices.expect("presence/device/dave/phone") { $0.text == "lost" }
        _ = alice.takeMessages()

        try await service.startBridge()
        try await service.status(of: "bob", is: "away")
        try await service.status(of: "frank", is: "coffee")
        let loggedOut = try await service.status(of: "carol") { $0["online"]?.bool == false }
        #expect(loggedOut["cause"]?.string == "logout")
        let lost = try await service.status(of: "dave") { $0["online"]?.bool == false }
        #expect(lost["cause"]?.string == "lost")
        try await erin.state("away")
        // The events of all the others were on their way before, or go with this one.
        let events = try await alice.events(upTo: "erin", word: "away")
        for (user, word) in [
            ("bob", "away"), ("carol", "offline"), ("dave", "offline"), ("frank", "coffee"),
            ("erin", "away"),
        ] {
            #expect(events.about(user).map { $0["status"]?.string } == [word], "\(user)")
        }
    }

    @Test("A description still expires when it said it would")
    func descriptionExpiry() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        let earliest = Int64(Date().timeIntervalSince1970)
        let payload = #"{"description":"short-lived","expiry":4}"#
        let answer = try await service.request(bob, "publish", payload)
        #expect(answer["result"]?["description"]?.string == "short-lived")
        try await service.killBridge()
        try await service.startBridge()
        let after = try await service.status(of: "bob") { $0["description"]?.string == "" }
        #expect(try #require(after["updated"]?.integer) >= earliest + 4)
    }

    @Test("Killed five times amid subscriptions, it has every one that it acknowledged")
    func killedAmidRequests() async throws {
        let service = try await Service.start(["request_rate": "100000", "request_burst": "100000"])
        defer { service.end() }
        let alice = try await service.client("alice")
        var acknowledged: Set<String> = []
        var starts: [Int64] = []
        for round in 0..<5 {
            for number in 0..<200 {
                let name = "r\(round)-\(number)"
                let payload = Message(
                    topic: "presence/request/alice/test/subscribe",
                    payload: #"{"id":"\#(name)","usernames":["\#(name)"]}"#,
                    qos: 1
                )
                _ = try await alice.call { try $0.publish(payload) }
            }
            var answers = try await alice.expect(1 + round * 20, on: "presence/response/alice/test")
            try await service.killBridge()
            // Its will comes behind its last answer.
            _ = try await alice.expect("presence/bridge/+") { $0.text.contains("offline") }
            answers += alice.takeMessages().filter { $0.topic.hasPrefix("presence/response/") }
            for answer in answers {
                let json = try answer.json
                #expect(json["result"] != nil, "\(answer.text)")
                acknowledged.insert(try #require(json["id"]?.string))
            }
            try await service.startBridge()
            let state = try await alice.expect("presence/bridge/+") {
                $0.text.contains("online\"")
            }
            starts.append(try #require(try state.json["started"]?.integer))
            let missing = acknowledged.subtracting(try await subscriptions(of: alice, at: service))
            #expect(missing.sorted() == [], "round \(round)")
            _ = alice.takeMessages()
        }
        #expect(acknowledged.count >= 205)
        // By a new second of its start a watcher knows that an event may have been lost.
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 }, "\(starts)")
    }

    private func subscriptions(
        of client: TestClient,
        at service: Service
    ) async throws -> Set<String> {
        var all: Set<String> = []
        for page in 0... {
            let payload = #"{"pageNum":\#(page),"pageSize":500}"#
            let result = try #require(
                try await service.request(client, "subscriptions", payload)["result"]
            )
            let names = (result["subscriptions"]?.array ?? []).compactMap { $0["username"]?.string }
            guard !names.isEmpty else {
                #expect(result["total"]?.integer == Int64(all.count))
                break
            }
            all.formUnion(names)
        }
        return all
    }
}
