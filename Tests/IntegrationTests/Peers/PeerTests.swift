import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Clients of other makers", .service(users: ["erin", "fay", "gil", "hal", "v311", "v5"]))
struct PeerTests {
    /// What tells mosquitto's programs where to connect and as whom.
    private func login(_ user: String, _ version: String) throws -> [String] {
        let broker = try Service.current.broker
        return [
            "-V", version, "-h", broker.host, "-p", String(broker.port), "-u", user, "-P", user,
        ]
    }

    /// Awaits a line that a program writes.
    private func line(
        of child: Child,
        _ what: String,
        where matches: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        try await eventually(what, log: child.output + child.errors) {
            child.output.split(separator: "\n").lazy
                .compactMap { try? JSONValue.text(String($0)) }.first(where: matches)
        }
    }

    @Test(
        "mosquitto_rr asks and prints the answer",
        arguments: ["5", "311"]
    )
    func requestResponse(version: String) async throws {
        try await Service.current.bringOnline(["mary"])
        let output = try await Child.run(
            "mosquitto_rr",
            try login("erin", version) + [
                "-q", "1", "-W", "10", "-t", "presence/request/erin/rr\(version)/get",
                "-e", "presence/response/erin/rr\(version)",
                "-m", #"{"usernames":["mary"],"brief":true,"id":9}"#,
            ]
        )
        let answer = try JSONValue.text(output.trimmingCharacters(in: .newlines))
        let expected = #"{"id":9,"operation":"get","result":{"online":{"mary":true}}}"#
        #expect(answer == (try .text(expected)))
    }

    @Test(
        "mosquitto_pub states and mosquitto_sub is told, has a will, and reads the status",
        arguments: [("5", "fay"), ("311", "gil")]
    )
    func publishAndSubscribe(version: String, user: String) async throws {
        let service = try Service.current
        let device = "presence/device/\(user)/cli"
        let watching = try Child(
            "mosquitto_sub",
            try login(user, version) + [
                "-q", "1", "-t", "presence/event/\(user)", "-t", "presence/response/\(user)/cli/#",
                "-t", "presence/status/\(user)", "-t", "presence/bridge/+",
                "--will-topic", device, "--will-payload", "lost", "--will-qos", "1",
                "--will-retain",
            ]
        )
        defer { watching.kill() }
        _ = try await line(of: watching, "state of the bridge") { $0["state"] != nil }
        let publish = { (topic: String, arguments: [String]) in
            let to = ["-q", "1", "-t", topic]
            return try await Child.run(
                "mosquitto_pub",
                try login(user, version) + to + arguments
            )
        }
        _ = try await publish(device, ["-r", "-m", "away"])
        _ = try await line(of: watching, "status") { $0["status"] == .string("away") }
        _ = try await publish(
            "presence/request/\(user)/cli/subscribe",
            ["-m", #"{"usernames":["peer\#(version)"]}"#]
        )
        let answer = try await line(of: watching, "answer") { $0["operation"] != nil }
        #expect(answer["result"]?["subscribed"]?.texts("username") == ["peer\(version)"])
        try await service.bringOnline(["peer\(version)"])
        let event = try await line(of: watching, "event") { $0[0] != nil }
        #expect(event[0]?["username"] == .string("peer\(version)"))

        watching.kill()
        let lost = try await service.status(of: user, is: "offline")
        #expect(lost["cause"] == .string("lost"))
    }

    @Test(
        "A device written with paho lives by the protocol",
        .enabled(if: Python.hasPaho, "Debian's package python3-paho-mqtt is not installed"),
        arguments: [("5", "v5"), ("311", "v311")]
    )
    func paho(version: String, user: String) async throws {
        let service = try Service.current
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "device.py"
        )
        let broker = service.broker
        let child = try Child(
            Python.path,
            [script.path, version, broker.host, String(broker.port), user, "paho", "of-\(user)"]
        )
        defer { child.kill() }
        let subscribed = try await line(of: child, "answer") { $0["body"]?["id"] == .integer(1) }
        #expect(subscribed["body"]?["result"]?["subscribed"]?.texts("username") == ["of-\(user)"])
        let isFive = version == "5"
        #expect(subscribed["correlation"] == .string(isFive ? "subscribe" : ""))
        let topic = "presence/response/\(user)/paho" + (isFive ? "/paho" : "")
        #expect(subscribed["topic"] == .string(topic))
        _ = try await line(of: child, "status") {
            $0["status"] == .string("online") && $0["description"] == .string("via paho")
        }

        let speaker = try await service.speaker()
        try await speaker.publish("presence/device/of-\(user)/desk", "busy", retain: true)
        let event = try await line(of: child, "event") { $0["status"] == .string("busy") }
        #expect(event["qos"] == .integer(1))
        #expect(try await child.wait() == .code(0))
        let lost = try await service.status(of: user, is: "offline")
        #expect(lost["cause"] == .string("lost"))
    }
}
