import BrokerFixture
import Foundation
import Mosquitto
import Presence

extension Service {
    /// Sends a request that must succeed and returns the result in its answer.
    func result(
        _ client: TestClient,
        _ operation: String,
        _ payload: String = "{}"
    ) async throws -> JSONValue {
        let answer = try await request(client, operation, payload)
        guard let result = answer["result"], answer.object?.keys == ["operation", "result"],
            answer["operation"]?.string == operation
        else {
            throw FixtureError("\(operation) \(payload.prefix(200)) was answered \(answer)")
        }
        return result
    }

    /// Sends a request and returns the code of the error in its answer, `nil` for a result.
    func errorCode(
        _ client: TestClient,
        _ operation: String,
        _ payload: String = "{}"
    ) async throws -> String? {
        try await request(client, operation, payload).errorCode
    }

    /// A client with the login of the bridge, the only one that may write everywhere: with it a
    /// test speaks for the devices of users who have no login.
    func speaker() async throws -> TestClient {
        try await TestClient.connect(
            to: broker,
            username: Self.bridgeID,
            password: Self.bridgeID
        )
    }

    /// Brings users online, each with a device `desk`, and waits until the bridge knows of all.
    func bringOnline(_ users: [String]) async throws {
        let speaker = try await speaker()
        for user in users {
            try await speaker.publish("presence/device/\(user)/desk", "online", retain: true)
        }
        // Device topics are read in their order: once the last one is known, all are.
        if let last = users.last { try await status(of: last, is: "online") }
    }

    /// Sends a request again and again until its result is as wanted, for what happens a moment
    /// later than what could be awaited.
    func result(
        _ client: TestClient,
        _ operation: String,
        _ payload: String = "{}",
        until isWanted: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        var last: JSONValue?
        // Slowly enough for the rate at which a user may ask.
        return try await eventually(
            "another answer to \(operation)",
            every: .milliseconds(50),
            log: "\(last ?? .null)"
        ) {
            let result = try await result(client, operation, payload)
            last = result
            return isWanted(result) ? result : nil
        }
    }
}

extension TestClient {
    /// Awaits events until one satisfies the condition, and returns those before it and itself.
    func events(until matches: (JSONValue) -> Bool) async throws -> [JSONValue] {
        var events: [JSONValue] = []
        while true {
            let batch = try await self.events()
            events += batch
            if batch.contains(where: matches) { return events }
        }
    }
}

extension JSONValue {
    /// The members under a key of each element of an array; `nil` where one has none.
    func texts(_ key: String) -> [String]? {
        guard let array else { return nil }
        let texts = array.compactMap { $0[key]?.string }
        return texts.count == array.count ? texts : nil
    }
}

extension [String] {
    /// The texts as a JSON array.
    var json: String { "[" + map { "\"\($0)\"" }.joined(separator: ",") + "]" }
}

/// The Unix time in whole seconds, rounded up, as the protocol rounds the time of a request.
var nextSecond: Int64 { Int64(Date().timeIntervalSince1970.rounded(.up)) }

/// The keys of a status, in the protocol's order.
let statusKeys = [
    "username", "online", "status", "description", "devices", "cause", "since", "updated", "seq",
]
