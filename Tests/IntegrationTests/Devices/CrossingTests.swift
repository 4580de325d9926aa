import BrokerFixture
import Mosquitto
import Presence
import Testing

/// A device that speaks while the bridge puts right what it said before.
@Suite(
    "Words that cross what the bridge writes",
    .service(
        ["device_burst": "1000", "device_rate": "1000", "max_devices": "1000"],
        users: ["fresh", "known", "forged"]
    )
)
struct CrossingTests {
    /// Enough for the words to meet in different turns of the bridge, too.
    private static let rounds = 30

    /// Publishes words one right behind the other, without awaiting that the broker takes them.
    private func say(_ client: TestClient, _ words: [String]) async throws {
        let (user, device) = client.owner
        try await client.call { connection in
            for word in words {
                let message = Message(
                    topic: "presence/device/\(user)/\(device)",
                    payload: word,
                    qos: 1,
                    retain: true
                )
                _ = try connection.publish(message)
            }
        }
    }

    /// The word that is retained on a device's topic.
    private func retainedWord(_ client: TestClient) async throws -> StatusWord {
        let (user, device) = client.owner
        let monitor = try await Service.current.monitor("presence/device/\(user)/\(device)")
        return try Statement(reading: try await monitor.expect().payload, longest: 1_024).status
    }

    @Test(
        "A birth right behind what is cleared stays on the topic",
        arguments: ["lost", "offline", "No Word"]
    )
    func birth(behind word: String) async throws {
        let service = try Service.current
        let device = word.lowercased().split(separator: " ").joined()
        var clients: [TestClient] = []
        for round in 1...Self.rounds {
            let client = try await service.client("fresh", "\(device)-\(round)")
            try await say(client, [word, "away"])
            clients.append(client)
            try await service.status(of: "fresh") { $0["devices"]?["\(device)-\(round)"] != nil }
            try await say(client, ["offline", ""])
            try await say(client, [word, "dnd"])
        }
        try await service.settle()
        for client in clients {
            #expect(try await retainedWord(client).text == "dnd")
            try await client.state("")
        }
    }

    @Test(
        "A word right behind one that is put right stays on the topic",
        arguments: ["No Word", #"{"status":"lost","session":"old"}"#, #"{"by":"presence-bridge"}"#]
    )
    func word(behind wrong: String) async throws {
        let service = try Service.current
        let name = "phone-\(wrong.utf8.count)"
        let birth = #"{"status":"here","session":"new"}"#
        let client = try await service.device("known", name, birth: birth)
        for round in 1...Self.rounds {
            try await say(client, [wrong, "word-\(round)"])
            try await service.status(of: "known") { status in
                status["devices"]?[name]?.string == "word-\(round)"
            }
        }
        try await service.settle()
        #expect(try await retainedWord(client).text == "word-\(Self.rounds)")
    }

    @Test("A device cannot give a cause")
    func cause() async throws {
        let service = try Service.current
        let client = try await service.device("forged", "phone")
        try await service.status(of: "forged", is: "online")
        try await client.state(#"{"status":"lost","cause":"restart"}"#)
        #expect(try await service.status(of: "forged", is: "offline")["cause"]?.string == "lost")
    }
}
