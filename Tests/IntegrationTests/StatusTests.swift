import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

private let odd = "zo\u{EB} \\ \"q\""

@Suite(
    "A user's status",
    // A busy machine takes its time between a loss and the logout that is to overtake it.
    .service(
        ["offline_grace": "2s"],
        users: ["exact", "rank", "order", "times", "lastgone", "words", "passing", "said", odd]
    )
)
struct StatusTests {
    @Test("The retained message is the protocol's, byte for byte")
    func exactBytes() async throws {
        let service = try Service.current
        let phone = try await service.device("exact", "phone", birth: "away")
        let web = try await service.device("exact", "web")
        let description = #"back \"at\" 5 \\ \u00e9 \n\ud83d\ude00"#
        let answer = try await service.request(
            phone,
            "publish",
            "{\"description\":\"\(description)\"}"
        )
        let result = try #require(answer["result"])
        try await service.status(of: "exact") { $0["devices"]?["web"] != nil }
        let monitor = try await service.monitor("presence/status/exact")
        let message = try await monitor.expect()
        let status = try message.json
        let since = try #require(status["since"]?.integer)
        let updated = try #require(status["updated"]?.integer)
        let seq = try #require(status["seq"]?.integer)
        #expect(message.retain)
        #expect(
            message.text
                == #"{"username":"exact","online":true,"status":"online","#
                + "\"description\":\"back \\\"at\\\" 5 \\\\ \u{E9} \\n\u{1F600}\","
                + #""devices":{"phone":"away","web":"online"},"#
                + "\"cause\":null,\"since\":\(since),\"updated\":\(updated),\"seq\":\(seq)}"
        )
        #expect(result == status)
        #expect(try await service.get("exact", by: web) == status)
        try await phone.state("offline")
        try await web.state("offline")
        _ = try await monitor.expect { $0.text.contains("false") }
        let retained = try await service.monitor("presence/status/exact").expect()
        let last = try retained.json
        let times = try ["since", "updated", "seq"].map { try #require(last[$0]?.integer) }
        #expect(
            retained.text
                == #"{"username":"exact","online":false,"status":"offline","#
                + "\"description\":\"back \\\"at\\\" 5 \\\\ \u{E9} \\n\u{1F600}\","
                + #""devices":{},"cause":"logout","#
                + "\"since\":\(times[0]),\"updated\":\(times[1]),\"seq\":\(times[2])}"
        )
    }

    @Test("A name needs no letters of ASCII, and is escaped")
    func oddName() async throws {
        let service = try Service.current
        let device = try await service.device(odd, "{}")
        let message = try await service.monitor("presence/status/+").expect(
            "presence/status/\(odd)"
        )
        let start = "{\"username\":\"zo\u{EB} \\\\ \\\"q\\\"\",\"online\":true,"
        #expect(message.text.hasPrefix(start))
        #expect(try message.json["devices"] == .text(#"{"{}":"online"}"#))
        try await device.subscribe("presence/status/\(odd)")
        #expect(try await device.status(of: odd) == message.json)
        // The same letters in other bytes are another name.
        #expect(try await service.get("zoe\u{308} \\\\ \\\"q\\\"", by: device)["seq"]?.integer == 0)
    }

    @Test("The word of the device that ranks first is the user's")
    func rank() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/rank")
        let one = try await service.device("rank", "one", birth: nil)
        let two = try await service.device("rank", "two", birth: nil)
        // What is said by which device, and what the user's word then is.
        let steps: [(device: TestClient, word: String, expected: String)] = [
            (one, "sleeping", "sleeping"), (two, "xa", "sleeping"), (one, "online", "online"),
            (two, "coffee", "online"), (one, "away", "coffee"), (one, "tea", "tea"),
            (two, "busy", "busy"), (one, "dnd", "dnd"), (two, "online", "dnd"),
            (one, "idle", "online"), (one, "xa", "online"), (one, "sleeping", "online"),
            (one, "idle", "online"), (two, "away", "idle"), (one, "offline", "away"),
        ]
        for (device, word, expected) in steps {
            try await device.state(word)
            let status = try await monitor.status(of: "rank")
            #expect(status["status"]?.string == expected, "after \(word)")
        }
    }

    @Test("The devices are sorted by the bytes of their names")
    func order() async throws {
        let service = try Service.current
        let names = [
            "b", "a", "B", "10", "9", "\u{E9}", "e\u{301}", "\u{1F600}", "\u{FF5E}", "a b", "q\"\\",
        ]
        let devices = try await names.asyncMap { try await service.device("order", $0) }
        let status = try await service.status(of: "order") { status in
            status["devices"]?.object?.count == names.count
        }
        let sorted = [
            "10", "9", "B", "a", "a b", "b", "e\u{301}", "q\"\\", "\u{E9}", "\u{FF5E}", "\u{1F600}",
        ]
        #expect(
            status["devices"]?.object?.keys.map { Array($0.utf8) } == sorted.map { Array($0.utf8) }
        )
        withExtendedLifetime(devices) {}
    }

    @Test("since, updated and seq tell when it came, when it changed, and that it changed")
    func times() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/times")
        let began = Date().timeIntervalSince1970
        let device = try await service.device("times", "phone")
        var seen = [try await monitor.status(of: "times")]
        let first = seen[0]
        let since = try #require(first["since"]?.integer)
        #expect(since >= Int64(began))
        #expect(since <= Int64(Date().timeIntervalSince1970))
        #expect(first["updated"]?.integer == since)
        #expect(try #require(first["seq"]?.integer) >= Int64(began * 1_000) - 1)
        // Let the second change, so that both can be told apart.
        try await Task.sleep(for: .seconds(Double(since) + 1.05 - Date().timeIntervalSince1970))
        try await device.state("away")
        seen.append(try await monitor.status(of: "times"))
        #expect(seen[1]["since"]?.integer == since)
        #expect(try #require(seen[1]["updated"]?.integer) > since)
        try await device.state("offline")
        seen.append(try await monitor.status(of: "times"))
        let gone = try #require(seen[2]["since"]?.integer)
        #expect(gone > since)
        #expect(gone <= (try #require(seen[2]["updated"]?.integer)))
        try await device.state("online")
        seen.append(try await monitor.status(of: "times"))
        #expect(try #require(seen[3]["since"]?.integer) >= gone)
        #expect(seen[3]["cause"] == .null)
        let numbers = seen.compactMap { $0["seq"]?.integer }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        let changes = seen.compactMap { $0["updated"]?.integer }
        #expect(changes == changes.sorted())
    }

    @Test("The cause is that of the device whose going took effect last")
    func lastGone() async throws {
        let service = try Service.current
        let phone = try await service.device("lastgone", "phone")
        let web = try await service.device("lastgone", "web")
        try await service.status(of: "lastgone") { $0["devices"]?.object?.count == 2 }
        let monitor = try await service.monitor("presence/status/lastgone")
        _ = try await monitor.status(of: "lastgone")
        // The logout comes later, but its grace is over first.
        try await phone.state("lost")
        try await web.state("offline")
        let between = try await monitor.status(of: "lastgone")
        #expect(try between["devices"] == .text(#"{"phone":"online"}"#))
        #expect(between["cause"] == .null)
        #expect(try await monitor.status(of: "lastgone")["cause"]?.string == "lost")
    }
}

extension StatusTests {
    @Test("A description is published with or without a device, stays, and is taken away")
    func description() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/words")
        let client = try await service.client("words", "phone")
        let answer = try await service.request(client, "publish", #"{"description":"soon"}"#)
        let first = try await monitor.status(of: "words")
        #expect(answer["result"] == first)
        #expect(first["description"]?.string == "soon")
        #expect(first["online"]?.bool == false)
        #expect(first["cause"] == .null)
        #expect(first["since"] == .null)
        #expect(first["updated"]?.integer != nil)
        for word in ["online", "offline"] {
            try await client.state(word)
            #expect(try await monitor.status(of: "words")["description"]?.string == "soon")
        }
        _ = try await service.request(client, "publish", #"{"description":""}"#)
        let last = try await monitor.status(of: "words")
        #expect(last["description"]?.string == "")
        #expect(last["cause"]?.string == "logout")
    }

    @Test("A description with an expiry goes by itself, and a later one replaces the expiry")
    func passingDescription() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/status/passing")
        let client = try await service.device("passing", "phone")
        _ = try await monitor.status(of: "passing")
        for payload in [#"{"description":"one","expiry":1}"#, #"{"description":"two"}"#] {
            _ = try await service.request(client, "publish", payload)
        }
        let both = [
            try await monitor.status(of: "passing"), try await monitor.status(of: "passing"),
        ]
        #expect(both.map { $0["description"]?.string } == ["one", "two"])
        _ = try await service.request(client, "publish", #"{"description":"three","expiry":1}"#)
        #expect(try await monitor.status(of: "passing")["description"]?.string == "three")
        // Had "two" still had the expiry of "one", it would have gone before.
        let gone = try await monitor.status(of: "passing")
        #expect(gone["description"]?.string == "")
        #expect(gone["online"]?.bool == true)
    }

    @Test("What is already so is not said again")
    func nothingTwice() async throws {
        let service = try Service.current
        let watcher = try await service.client("alice", "said")
        let device = try await service.device("said", "phone")
        _ = try await service.request(device, "publish", #"{"description":"here"}"#)
        try await service.subscribe(watcher, to: "said")
        let monitor = try await service.monitor("presence/status/+")
        let status = try await monitor.status(of: "said")
        let again = try await service.request(device, "publish", #"{"description":"here"}"#)
        #expect(again["result"] == status)
        try await device.state("online")
        try await service.settle(monitor)
        #expect(try monitor.takeStatuses(of: "said").isEmpty)
        let events = try await service.messages(of: watcher)
        #expect(!events.contains { $0.topic == "presence/event/alice" && $0.text.contains("said") })
    }
}
