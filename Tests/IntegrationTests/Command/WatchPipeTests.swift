import BrokerFixture
import Foundation
import Presence
import Testing

@Suite("A watch in a pipe", .service(["allow_subscribe_all": "monitor"]))
struct WatchPipeTests {
    /// The subscriptions of a user, by name.
    private func ends(_ user: String) async throws -> [String: Int64] {
        let service = try Service.current
        let run = try await service.run(user, "subscriptions", "--json")
        let list = try JSONValue.text(run.output.trimmingCharacters(in: .newlines)).array ?? []
        return list.reduce(into: [:]) { ends, entry in
            ends[entry["username"]?.string ?? "(everyone)"] = entry["expires"]?.integer
        }
    }

    @Test("First what is, then each change, as lines or as the protocol's objects")
    func lines() async throws {
        let service = try Service.current
        let phone = try await service.device("bob", "phone", birth: "away")
        try await service.status(of: "bob", is: "away")
        let lines = try service.start("alice", "watch", "bob", "zed")
        let objects = try service.start("carol", "watch", "--json", "bob", "zed")
        try await lines.written("\tbob\taway\t")
        try await lines.written("\tzed\toffline\t")
        try await objects.written(#"{"username":"zed","online":false"#)
        try await phone.state("busy")
        try await lines.written("\tbob\tbusy\t")
        let line = try await objects.written(#""status":"busy""#)
        #expect(try JSONValue.text(line) == (try await service.status(of: "bob", is: "busy")))
        #expect(!lines.output.contains("\u{1B}"))
        #expect(try await lines.terminate() == .code(0))
        objects.send(SIGINT)
        #expect(try await objects.wait() == .code(0))
        for child in [lines, objects] {
            #expect(child.errors == "presence: zed was never seen; is the name right?\n")
        }
    }

    @Test("It ends the subscriptions that it made, and leaves the others as they were")
    func subscriptions() async throws {
        let service = try Service.current
        try await service.run("dave", "subscribe", "bob", "--for", "1h")
        let before = try await ends("dave")
        let child = try service.start("dave", "watch", "bob", "alice", "carol")
        try await child.written("\tcarol\t")
        let during = try await ends("dave")
        #expect(during.keys.sorted() == ["alice", "bob", "carol"])
        #expect(during["bob"] == before["bob"])
        // Somebody else makes one of them last.
        try await service.run("dave", "subscribe", "alice", "--for", "2h")
        #expect(try await child.terminate() == .code(0))
        let after = try await eventually("the end of what it had made") {
            let after = try await ends("dave")
            return after["carol"] == nil ? after : nil
        }
        #expect(after.keys.sorted() == ["alice", "bob"])
        #expect(after["bob"] == before["bob"])
        try await service.run("dave", "unsubscribe", "--all")
    }

    @Test("Two watches of one user do not take the subscription from each other", .service())
    func two() async throws {
        let service = try Service.current
        let first = try service.start("alice", "watch", "bob")
        try await first.written("\tbob\toffline\t")
        let second = try service.start("alice", "watch", "bob")
        try await second.written("\tbob\toffline\t")
        let before = try await ends("alice")["bob"] ?? 0
        #expect(try await first.terminate() == .code(0))
        try await eventually("a subscription that the second one has made") {
            try await ends("alice")["bob"].flatMap { $0 > before ? true : nil }
        }
        let phone = try await service.device("bob", "phone", birth: "busy")
        try await second.written("\tbob\tbusy\t")
        keep(phone)
        #expect(try await second.terminate() == .code(0))
        try await eventually("the end of the subscription") {
            try await ends("alice").isEmpty ? true : nil
        }
    }

    @Test("Whoever may watch everyone sees those who come, and keeps its own subscriptions")
    func everyone() async throws {
        let service = try Service.current
        try await service.run("monitor", "subscribe", "zed", "--for", "1h")
        let child = try service.start("monitor", "watch", "--all")
        try await eventually("a subscription to everyone") {
            try await ends("monitor")["(everyone)"]
        }
        try await service.bringOnline(["newcomer"])
        try await child.written("\tnewcomer\tonline\t")
        #expect(try await child.terminate() == .code(0))
        try await eventually("the end of the subscription to everyone") {
            try await ends("monitor")["(everyone)"] == nil ? true : nil
        }
        #expect(try await ends("monitor").keys.sorted() == ["zed"])
    }

    @Test(
        "It goes on over restarts of bridge and broker, misses nothing, and says what it sees",
        .service()
    )
    func restarts() async throws {
        let service = try Service.current
        let child = try service.start("alice", "watch", "newcomer")
        try await child.written("\tnewcomer\toffline\t")
        try await service.killBridge()
        try await child.line(with: "the bridge is away: statuses may be stale")
        let speaker = try await service.speaker()
        try await speaker.publish("presence/device/newcomer/desk", "coffee", retain: true)
        try await service.startBridge()
        try await child.written("\tnewcomer\tcoffee\t")
        try await child.line(with: "all is well again")
        try await service.broker.restart(killing: true)
        try await child.line(with: "no connection: statuses may be stale")
        try await eventually("catching up again", log: child.errors) {
            child.count("all is well again") == 2 ? true : nil
        }
        let again = try await service.speaker()
        try await again.publish("presence/device/newcomer/desk", "tea", retain: true)
        try await child.written("\tnewcomer\ttea\t")
        #expect(try await child.terminate() == .code(0))
    }

    @Test("Two bridges that are online below one prefix are told, by set and by top")
    func twoBridges() async throws {
        // Of what bridges say of themselves, and of no bridge: two might not stay side by side.
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let speaker = try await service.speaker()
        let state = BridgeState(version: "1", started: 100, epoch: 1, grace: 60).payload
        let numbers = [
            "users/online", "users/known", "devices/online", "subscriptions", "requests", "errors",
            "events", "updates", "statuses", "audit/mended", "store/rows", "memory/resident",
            "uptime",
        ]
        for id in ["b3", "b1"] {
            let text = String(decoding: state, as: UTF8.self)
            try await speaker.publish("presence/bridge/\(id)", text, retain: true)
            for name in numbers {
                let topic = "presence/bridge/\(id)/metrics/\(name)"
                try await speaker.publish(topic, "7", retain: true)
            }
        }
        let words = "2 bridges serve this prefix, where there should be one: b1, b3"
        let login = try service.start("bob", "set", "busy")
        try await login.line(with: words)
        let top = try service.start("monitor", "top")
        try await top.line(with: words)
        try await top.written("\tb1\t", "users/online 7")
        try await top.written("\tb3\t", "users/online 7")
        try await speaker.publish("presence/bridge/b3", #"{"state":"offline"}"#, retain: true)
        try await top.line(with: "all is well again")
        #expect(try await login.terminate() == .code(0))
        #expect(try await top.terminate() == .code(0))
    }

    @Test("It ends when nobody reads any more")
    func head() async throws {
        let service = try Service.current
        let output = try await Child.run(
            "/bin/sh",
            ["-c", "\"$0\" watch nobody | head -n 1", Service.command],
            environment: service.environment("alice")
        )
        #expect(output.hasSuffix("\n") && output.contains("\tnobody\t"))
    }

    @Test("An operator sees the bridge at work, as lines and as objects")
    func top() async throws {
        let service = try Service.current
        let lines = try service.start("monitor", "top")
        let objects = try service.start("monitor", "top", "--json")
        try await lines.written("users/online ", "requests/s 0.0")
        let line = try await objects.written(#""rates":{"requests":0"#)
        let object = try JSONValue.text(line)
        #expect(object["bridge"] == .string(Service.bridgeID))
        #expect(object["uptime"]?.integer != nil && object["users/online"]?.integer != nil)
        #expect(try await lines.terminate() == .code(0))
        #expect(try await objects.terminate() == .code(0))
    }
}
