import BrokerFixture
import Foundation
import Mosquitto
import Presence

extension Service {
    /// Awaits that whatever the bridge has begun by now has had its effect.
    ///
    /// A device of dave's comes and is lost: the bridge does one thing after the other, so every
    /// grace that ran before, and was not longer than the one of a lost device, is over, too.
    ///
    /// - Parameter monitor: A client of ``monitor(_:)`` that reads the statuses; it has then also
    ///   received what came before.
    func settle(_ monitor: TestClient? = nil) async throws {
        let name = "settle-\(UUID().uuidString.prefix(8))"
        let monitor =
            if let monitor { monitor } else { try await self.monitor("presence/status/dave") }
        let device = try await client("dave", name)
        try await device.state("online")
        let online = try await monitor.expect("presence/status/dave") { message in
            (try? message.json["devices"]?[name]) != nil
        }
        // An older status of dave's may still wait to be read, without this device.
        let seq = try online.json["seq"]?.integer ?? .max
        try await device.state("lost")
        _ = try await monitor.expect("presence/status/dave") { message in
            guard let status = try? message.json, let later = status["seq"]?.integer else {
                return false
            }
            return later > seq && status["devices"]?[name] == nil
        }
    }

    /// Takes out what a client has been sent by now, oldest first.
    ///
    /// The client asks something and awaits the answer, which comes behind everything else.
    func messages(of client: TestClient) async throws -> [Message] {
        _ = try await request(client, "get", #"{"usernames":["nobody"],"brief":true}"#)
        return client.takeMessages()
    }

    /// Asks for the status of a user.
    func get(_ user: String, by client: TestClient) async throws -> JSONValue {
        let answer = try await request(client, "get", "{\"usernames\":[\"\(user)\"]}")
        guard let status = answer["result"]?["users"]?[0] else {
            throw FixtureError("get was answered \(answer)")
        }
        return status
    }
}

extension TestClient {
    /// Awaits the next status of a user, or the next that satisfies a condition.
    func status(
        of user: String,
        where matches: @escaping @Sendable (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        try await expect("presence/status/\(user)") { message in
            (try? message.json).map(matches) ?? false
        }.json
    }

    /// Awaits that a topic is cleared.
    func clear(of topic: String) async throws {
        _ = try await expect(topic) { $0.payload.isEmpty }
    }

    /// The user's statuses among what has come, taken out with everything else.
    func takeStatuses(of user: String) throws -> [JSONValue] {
        try takeMessages().filter { $0.topic == "presence/status/\(user)" }.map { try $0.json }
    }
}

extension Message {
    /// The bridge that an MQTT 5 user property marks it with.
    var by: String? { properties.userProperties.first { $0.name == "by" }?.value }
}

extension Sequence {
    /// One after the other.
    func asyncMap<Result>(
        _ transform: (Element) async throws -> Result
    ) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
