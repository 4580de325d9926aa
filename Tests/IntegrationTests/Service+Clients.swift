import BrokerFixture
import Foundation
import Mosquitto
import Presence

extension Service {
    /// Connects a user's client that states nothing and has no will.
    ///
    /// It is subscribed to the answers of the device, to the user's events, and to the state of the
    /// bridge, which comes at once and is taken out.
    ///
    /// - Parameters:
    ///   - user: Who logs in.
    ///   - device: The name of the device, which is not the client identifier.
    ///   - id: The client identifier; it begins with `<user>/<device>/`.
    func client(
        _ user: String,
        _ device: String = "test",
        version: ProtocolVersion = .v5,
        will: String? = nil,
        id: String? = nil
    ) async throws -> TestClient {
        let client = try await TestClient.connect(
            to: broker,
            id: id ?? "\(user)/\(device)/\(UUID().uuidString.prefix(8))",
            username: user,
            password: user,
            version: version,
            will: will.map {
                Message(
                    topic: "presence/device/\(user)/\(device)",
                    payload: $0,
                    qos: 1,
                    retain: true
                )
            }
        )
        try await client.subscribe(
            "presence/response/\(user)/\(device)/#",
            "presence/event/\(user)",
            "presence/bridge/+"
        )
        if bridgeProcess != nil {
            _ = try await client.expect("presence/bridge/+")
        }
        return client
    }

    /// Connects a device as section "A device" says: with its will, its subscriptions, its birth.
    ///
    /// It does not wait until the bridge has taken notice; see ``status(of:where:)``.
    ///
    /// - Parameter birth: The payload of its birth; `nil` for a device that states nothing.
    func device(
        _ user: String,
        _ device: String,
        birth: String? = "online",
        will: String? = "lost",
        version: ProtocolVersion = .v5,
        id: String? = nil
    ) async throws -> TestClient {
        let client = try await client(user, device, version: version, will: will, id: id)
        if let birth { try await client.state(birth) }
        return client
    }

    /// Connects a client that may read everything, and subscribes it.
    ///
    /// What is retained comes at once; the retain flag is as it was published.
    func monitor(_ filters: String...) async throws -> TestClient {
        let client = try await TestClient.connect(
            to: broker,
            username: "monitor",
            password: "monitor"
        )
        var options = SubscriptionOptions(qos: 1)
        options.retainAsPublished = true
        for filter in filters { try await client.subscribe(filter, options: options) }
        return client
    }

    /// Sends a request and awaits its answer, a JSON object.
    ///
    /// - Parameters:
    ///   - client: One of ``client(_:_:version:will:id:)``, whose device asks.
    ///   - payload: What is asked, as JSON.
    ///   - below: What the Response Topic has below that of the device, such as `/one`.
    func request(
        _ client: TestClient,
        _ operation: String,
        _ payload: String = "{}",
        below: String = "",
        qos: UInt8 = 1
    ) async throws -> JSONValue {
        let (user, device) = client.owner
        let answer = try await client.request(
            "presence/request/\(user)/\(device)/\(operation)",
            payload,
            answerOn: "presence/response/\(user)/\(device)\(below)",
            qos: qos
        )
        return try answer.json
    }

    /// Subscribes a client's user to others and awaits that all were taken.
    func subscribe(_ client: TestClient, to users: String...) async throws {
        let names = users.map { "\"\($0)\"" }.joined(separator: ",")
        let answer = try await request(client, "subscribe", "{\"usernames\":[\(names)]}")
        guard answer["result"]?["subscribed"]?.array?.count == users.count else {
            throw FixtureError("subscribing to \(users) was answered \(answer)")
        }
    }

    /// Awaits a retained status of a user, the present one or a later one.
    @discardableResult
    func status(
        of user: String,
        where matches: @escaping @Sendable (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        try await retained("presence/status/\(user)", where: matches)
    }

    /// Awaits that a user's retained status has a word.
    @discardableResult
    func status(of user: String, is word: String) async throws -> JSONValue {
        try await status(of: user) { $0["status"]?.string == word }
    }

    /// Awaits JSON on a topic: what is retained there, or something later.
    @discardableResult
    func retained(
        _ topic: String,
        where matches: @escaping @Sendable (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        let monitor = try await monitor(topic)
        do {
            return try await monitor.expect(topic) { message in
                guard let value = try? message.json else { return false }
                return matches(value)
            }.json
        } catch {
            throw FixtureError("\(error)\nThe bridge's log ends:\n\(bridgeLog.suffix(3_000))")
        }
    }
}

extension TestClient {
    /// The user and the device that the client identifier begins with.
    var owner: (user: String, device: String) {
        let parts = options.clientID.split(separator: "/", maxSplits: 2).map(String.init)
        precondition(parts.count == 3, "\(options.clientID) is no <user>/<device>/<rest>")
        return (parts[0], parts[1])
    }

    /// States something on the own device topic, retained unless that is not wanted.
    func state(_ payload: String, retain: Bool = true) async throws {
        let (user, device) = owner
        try await publish("presence/device/\(user)/\(device)", payload, retain: retain)
    }

    /// Awaits the next batch of events and returns what is in it.
    func events(timeout: Duration = patience) async throws -> [JSONValue] {
        let message = try await expect("presence/event/\(owner.user)", timeout: timeout)
        guard let events = try message.json.array, !events.isEmpty else {
            throw FixtureError("no batch of events: \(message.text)")
        }
        return events
    }
}

extension Message {
    /// The payload as JSON.
    var json: JSONValue {
        get throws {
            do {
                return try JSONValue(parsing: payload)
            } catch {
                throw FixtureError("\(topic): \(text) is no JSON: \(error)")
            }
        }
    }
}

extension JSONValue {
    /// The member of an object; `nil` when there is none, or this is no object.
    subscript(key: String) -> JSONValue? { object?[key] }

    /// The element of an array; `nil` when there is none, or this is no array.
    subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// The code of an answer's error; `nil` when it is none.
    var errorCode: String? { self["error"]?["code"]?.string }

    /// The texts of an array; `nil` when it is no array of texts.
    var strings: [String]? {
        guard let array else { return nil }
        let strings = array.compactMap(\.string)
        return strings.count == array.count ? strings : nil
    }

    /// The value that a text of a test stands for.
    static func text(_ json: String) throws -> JSONValue {
        try JSONValue(parsing: Array(json.utf8))
    }
}
