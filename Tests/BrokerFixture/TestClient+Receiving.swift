import Mosquitto

extension TestClient {
    /// Awaits the next message on a topic that matches, and takes it out; others stay.
    ///
    /// - Parameter topic: A topic name, or a filter with wildcards; `nil` for any topic.
    public func expect(
        _ topic: String? = nil,
        timeout: Duration = patience,
        where matches: @escaping @Sendable (Message) -> Bool = { _ in true }
    ) async throws -> Message {
        try await wait("a message on \(topic ?? "any topic")", timeout: timeout) { inbox in
            inbox.take { message in
                topic.map { Self.matches(message.topic, filter: $0) } ?? true && matches(message)
            }
        }
    }

    /// Awaits so many messages on a topic, and takes them out.
    public func expect(
        _ count: Int,
        on topic: String? = nil,
        timeout: Duration = patience
    ) async throws -> [Message] {
        try await wait("\(count) messages on \(topic ?? "any topic")", timeout: timeout) { inbox in
            guard inbox.messages.count >= count else { return nil }
            let isWanted = { (message: Message) in
                topic.map { Self.matches(message.topic, filter: $0) } ?? true
            }
            var wanted: [Message] = []
            for message in inbox.messages where isWanted(message) && wanted.count < count {
                wanted.append(message)
            }
            guard wanted.count == count else { return nil }
            var left = count
            inbox.messages.removeAll { message in
                guard left > 0, isWanted(message) else { return false }
                left -= 1
                return true
            }
            return wanted
        }
    }

    /// Takes out all that has come, without waiting.
    public func takeMessages() -> [Message] {
        look { inbox in
            defer { inbox.messages = [] }
            return inbox.messages
        }
    }

    /// Takes out all that has come before now.
    ///
    /// Sends a message to itself through the broker and returns what came before it: what the
    /// broker had sent to this client by now is then here. For that it needs the right to write
    /// and read the topic. What other programs have yet to do is not waited for.
    public func drain(through topic: String = "test/drain") async throws -> [Message] {
        let own = "\(topic)/\(options.clientID)"
        try await subscribe(own, options: SubscriptionOptions(qos: 0))
        try await publish(own, "end", qos: 0)
        let messages = try await wait("its own marker on \(own)", timeout: Self.patience) { inbox in
            guard let end = inbox.messages.firstIndex(where: { $0.topic == own }) else {
                return [Message]?.none
            }
            defer { inbox.messages.removeSubrange(...end) }
            return Array(inbox.messages[..<end])
        }
        try await unsubscribe(own)
        return messages
    }

    /// Takes out all that comes within some time: only for showing that something does not come.
    public func drain(for duration: Duration) async throws -> [Message] {
        try await Task.sleep(for: duration)
        return takeMessages()
    }

    /// Publishes with a Response Topic and Correlation Data, and awaits the answer to it.
    ///
    /// The client must have subscribed to the Response Topic. By MQTT 3.1.1, which has no
    /// properties, the next message on the topic is the answer.
    public func request(
        _ topic: String,
        _ payload: String,
        answerOn responseTopic: String,
        qos: UInt8 = 1,
        timeout: Duration = patience
    ) async throws -> Message {
        var properties = MessageProperties()
        properties.responseTopic = responseTopic
        let correlation = (0..<8).map { _ in UInt8.random(in: 0...255) }
        properties.correlationData = correlation
        try await publish(topic, payload, qos: qos, properties: properties)
        let isV5 = options.protocolVersion == .v5
        return try await expect(responseTopic, timeout: timeout) { message in
            !isV5 || message.properties.correlationData == correlation
        }
    }

    /// Whether a topic name matches a filter, by section 4.7 of the specification.
    static func matches(_ topic: String, filter: String) -> Bool {
        guard filter.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") })
        else { return topic == filter }
        let names = topic.split(separator: "/", omittingEmptySubsequences: false)
        let levels = filter.split(separator: "/", omittingEmptySubsequences: false)
        if topic.hasPrefix("$"), levels.first == "+" || levels.first == "#" { return false }
        for (index, level) in levels.enumerated() {
            if level == "#" { return true }
            guard index < names.count, level == "+" || level == names[index] else { return false }
        }
        return names.count == levels.count
    }
}
