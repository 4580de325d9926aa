import BrokerFixture
import Foundation
import Presence
import Testing

@Suite(
    "The roster in Python that is shipped",
    .enabled(if: Python.hasPaho, "Debian's package python3-paho-mqtt is not installed")
)
struct RosterTests {
    /// A roster of alice's that watches bob and carol, and has shown that nobody is there.
    private func roster(of service: Service) async throws -> Example {
        let roster = try Example("python/roster.py", "bob", "carol", as: "alice", of: service)
        try await roster.shows("the bridge is there")
        try await roster.shows("bob is offline")
        try await roster.shows("carol is offline")
        return roster
    }

    @Test("It shows who comes, changes and goes")
    func others() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let roster = try await roster(of: service)
        var bob: TestClient? = try await service.device("bob", "phone")
        try await roster.shows("bob has come: online", "(phone)")
        try await bob?.state("away")
        try await roster.shows("bob is away", "(phone)")
        if let bob { _ = try await service.request(bob, "publish", #"{"description":"at 5"}"#) }
        try await roster.shows("bob is away", #""at 5""#)
        bob = nil
        try await roster.shows("bob has gone (lost)")
        let carol = try await service.device("carol", "web")
        try await roster.shows("carol has come: online", "(web)")
        try await carol.state("offline")
        try await roster.shows("carol has gone (logout)")
    }

    @Test("What is typed changes its own word and description, and the end of input logs out")
    func own() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let roster = try await roster(of: service)
        try roster.type("/dnd")
        try await service.status(of: "alice", is: "dnd")
        try roster.type("in a meeting")
        try await roster.shows(#"you say "in a meeting""#)
        try roster.type("/Out to lunch")
        try await roster.shows("not said", "Out to lunch")
        try roster.type("/off")
        try await roster.shows("not said", "off")
        try roster.type("/Coffee")
        try await service.status(of: "alice", is: "coffee")
        try roster.type("/dnd")
        try roster.type(String(repeating: "long ", count: 300))
        try await roster.shows("not said", "1024")
        let status = try await service.status(of: "alice") {
            $0["description"] == .string("in a meeting")
        }
        #expect(status["devices"]?["example"] == .string("dnd"))
        try roster.endInput()
        try await roster.ends()
        try await service.status(of: "alice") { $0["cause"] == .string("logout") }
    }

    @Test("A question mark shows what has changed of oneself, where that is kept")
    func history() async throws {
        let service = try await Service.start(["history_keep": "1d"])
        defer { service.end() }
        let roster = try await roster(of: service)
        try roster.type("/dnd")
        try await service.status(of: "alice", is: "dnd")
        try roster.type("at 5")
        try await roster.shows(#"you say "at 5""#)
        try roster.type("?")
        try await roster.shows("you: online: online")
        try await roster.shows("you: status: dnd")
        try await roster.shows(#"you: description: dnd, "at 5""#)
        try await roster.shows("3 changes")
        try await service.stopBridge()
        try await service.startBridge(["history_keep": "0"])
        try await roster.shows("the bridge is there")
        try roster.type("?")
        try await roster.shows("no history: the operator keeps no history")
    }

    @Test("It goes on after a bridge that is killed, and has missed nothing")
    func bridgeRestart() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let roster = try await roster(of: service)
        let bob = try await service.device("bob", "phone")
        try await roster.shows("bob has come")
        try await service.killBridge()
        try await roster.shows("the bridge is away")
        try await bob.state("away")
        let carol = try await service.returning("carol")
        try roster.type("said meanwhile")
        try await roster.shows("it will be said later")
        try await service.startBridge()
        try await roster.shows("the bridge is there")
        try await service.status(of: "alice") { $0["description"] == .string("said meanwhile") }
        try await eventually("both changes", log: roster.process.output) {
            let lines = roster.process.output
            let both = lines.contains("bob is away") && lines.contains("carol has come")
            return both ? true : nil
        }
        try await bob.state("busy")
        try await roster.shows("bob is busy")
        keep(bob, carol)
    }

    @Test("After a restart of the broker it is there again as before, and has missed nothing")
    func brokerRestart() async throws {
        let service = try await Service.start(["broker_restart_grace": "9s"])
        defer { service.end() }
        let roster = try await roster(of: service)
        try roster.type("/busy")
        let before = try await service.status(of: "alice", is: "busy")
        let bob = try await service.device("bob", "phone")
        try await roster.shows("bob has come")
        let dave = try await service.device("dave", "phone")
        try await service.status(of: "dave", is: "online")
        let session = try await service.retained("presence/device/alice/example")["session"]
        let epoch = try await service.bridgeState { _ in true }["epoch"]?.integer ?? 0

        // Only a broker that has run for longer than that can be seen to have been restarted.
        try await service.brokerHasRun(6)
        // Held back until everything has happened, it has to catch up with all of it.
        roster.process.send(SIGSTOP)
        try await service.broker.restart(killing: true)
        try await service.bridgeState { $0["epoch"]?.integer ?? 0 > epoch }
        let back = try await service.returning("bob", birth: "away")
        try await service.status(of: "bob", is: "away")
        roster.process.send(SIGCONT)
        try await roster.shows("the bridge is away")
        try await roster.shows("the bridge is there")
        try await roster.shows("bob is away")
        // dave does not come back: with him everyone's grace is over.
        try await service.status(of: "dave") { $0["cause"] == .string("restart") }
        let after = try await service.status(of: "alice")
        #expect(after["status"] == .string("busy"))
        #expect(after["since"] == before["since"])
        // The will of the old connection cannot be mistaken for that of the new one.
        let statement = try await service.retained("presence/device/alice/example")
        #expect(statement["session"] != session)
        try await back.state("offline")
        try await roster.shows("bob has gone (logout)")
        keep(bob, dave)
    }

    @Test("It states itself again when it is asked to, and subscribes again when that has expired")
    func asked() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let roster = try await roster(of: service)
        let bridge = try await TestClient.connect(
            to: service.broker,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
        let topic = "presence/device/alice/example"
        let monitor = try await service.monitor(topic)
        _ = try await monitor.expect(topic)
        try await bridge.publish("presence/response/alice/example", #"{"operation":"announce"}"#)
        let again = try await monitor.expect(topic).json
        #expect(again["status"] == .string("online"))
        // And without being asked, when the state of a bridge tells of a restart of the broker.
        for epoch in 1...2 {
            let state = "{\"state\":\"online\",\"epoch\":\(epoch),\"grace\":1}"
            try await bridge.publish("presence/bridge/other", state)
        }
        _ = try await monitor.expect(topic)

        let other = try await service.client("alice", "other")
        _ = try await service.request(other, "unsubscribe", #"{"usernames":["bob"]}"#)
        let notice = #"[{"username":"bob","subscription":"expired"}]"#
        try await bridge.publish("presence/event/alice", notice)
        try await roster.shows("the subscription to bob has expired")
        try await eventually("a subscription to bob") {
            let answer = try await service.request(other, "subscriptions")
            let names = answer["result"]?["subscriptions"]?.texts("username")
            return names?.contains("bob") == true ? true : nil
        }
        let bob = try await service.device("bob", "phone")
        try await roster.shows("bob has come")
        keep(bob)
    }

    @Test("A word that the broker never acknowledged does not come after a newer one")
    func unacknowledged() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let roster = try await roster(of: service)
        // When that is shown, it has caught up and asks nothing any more.
        try roster.type("/idle")
        try await roster.shows("you are idle")
        service.broker.pause()
        try roster.type("/away")
        try await roster.shows("you are away")
        service.broker.kill()
        try await roster.shows("the bridge is away")
        try roster.type("/busy")
        try await roster.shows("you are busy")
        try await service.broker.restart()
        try await roster.shows("the bridge is there")
        try await service.settle()
        let statement = try await service.retained("presence/device/alice/example")
        #expect(statement["status"] == .string("busy"))
        try await service.status(of: "alice", is: "busy")
    }

    @Test("It says why it cannot go on")
    func refused() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let stranger = try Example(
            "python/roster.py",
            "bob",
            as: "alice",
            environment: ["PRESENCE_PASSWORD": "wrong"],
            of: service
        )
        #expect(try await stranger.process.wait() == .code(1))
        #expect(stranger.process.errors.contains("refuses the login"))
        let confused = try Example("python/roster.py", "b/ob", as: "alice", of: service)
        #expect(try await confused.process.wait() == .code(1))
        #expect(confused.process.errors.contains("b/ob"))
    }
}
