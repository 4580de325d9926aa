import Foundation
import Mosquitto

/// An MQTT client for tests: asks, awaits, and says what came instead of what was expected.
///
/// All waiting has a limit and happens on a thread of the client's own. A client that is let go
/// drops its connection, and the broker publishes its will.
public final class TestClient: Sendable {
    /// How long an answer of the broker is awaited unless something else is said.
    public static let patience = Duration.seconds(20)

    /// What it was connected with.
    public let options: ConnectionOptions
    private let thread: ClientThread
    private let buffer: @Sendable () -> (any SocketBuffer)?

    /// Prepares a client that is not connected yet.
    ///
    /// - Parameter buffer: makes what the socket of a connection is read and written by way of.
    public init(
        _ options: ConnectionOptions,
        buffer: @escaping @Sendable () -> (any SocketBuffer)? = { nil }
    ) throws {
        self.options = options
        self.buffer = buffer
        thread = try ClientThread()
        thread.start()
    }

    deinit {
        thread.stop()
    }

    /// Connects to a broker and awaits its CONNACK.
    ///
    /// - Parameters:
    ///   - id: The client identifier; `nil` for one that nobody else has.
    ///   - change: Sets further options, such as a will.
    public static func connect(
        to broker: Broker,
        id: String? = nil,
        username: String? = nil,
        password: String? = nil,
        version: ProtocolVersion = .v5,
        will: Message? = nil,
        _ change: (inout ConnectionOptions) -> Void = { _ in }
    ) async throws -> TestClient {
        var options = ConnectionOptions(
            clientID: id ?? "test-\(UUID().uuidString.prefix(13))",
            host: broker.host,
            port: broker.port
        )
        options.username = username
        options.password = password
        options.protocolVersion = version
        options.will = will
        change(&options)
        let client = try TestClient(options)
        try await client.connect()
        return client
    }

    /// Connects and awaits the CONNACK.
    ///
    /// Throws when the connection is refused or cannot be made.
    @discardableResult
    public func connect() async throws -> Acknowledgement {
        begin()
        return try await wait("the connection is accepted", timeout: Self.patience) { inbox in
            inbox.acknowledgement
        }
    }

    /// Begins to connect; what comes of it is awaited by ``refusal()`` or ``closure()``.
    ///
    /// - Parameter start: What is done to begin; `connect()` unless a test wants something special.
    public func begin(
        by start: @escaping @Sendable (Connection) throws -> Void = { try $0.connect() }
    ) {
        perform { [options, buffer] connection in
            let fresh = try Connection(options, buffer: buffer())
            connection = fresh
            try start(fresh)
        }
    }

    /// Awaits the refusal of the connection.
    public func refusal(timeout: Duration = patience) async throws -> ConnectionRefusal {
        try await wait("the connection is refused", timeout: timeout) { $0.refusal }
    }

    /// Awaits the end of the connection.
    public func closure(timeout: Duration = patience) async throws -> Closure {
        try await wait("the connection ends", timeout: timeout) { $0.closure }
    }

    /// Publishes and awaits the PUBACK, or with QoS 0 that it was handed to the kernel.
    @discardableResult
    public func publish(_ message: Message, timeout: Duration = patience) async throws -> ReasonCode
    {
        let packet = try await call { try $0.publish(message) }
        return try await wait("\(message.topic) is acknowledged", timeout: timeout) { inbox in
            inbox.published.removeValue(forKey: packet)
        }
    }

    /// Publishes text and awaits the PUBACK, or with QoS 0 that it was handed to the kernel.
    @discardableResult
    public func publish(
        _ topic: String,
        _ payload: String,
        qos: UInt8 = 1,
        retain: Bool = false,
        properties: MessageProperties = MessageProperties()
    ) async throws -> ReasonCode {
        let message = Message(
            topic: topic,
            payload: payload,
            qos: qos,
            retain: retain,
            properties: properties
        )
        return try await publish(message)
    }

    /// Subscribes and awaits the SUBACK; throws when the broker refuses a filter.
    @discardableResult
    public func subscribe(
        _ filters: String...,
        options: SubscriptionOptions = SubscriptionOptions(qos: 1),
        identifier: UInt32? = nil
    ) async throws -> [ReasonCode] {
        let packet = try await call {
            try $0.subscribe(filters, options: options, identifier: identifier)
        }
        let granted = try await wait("the SUBSCRIBE is answered", timeout: Self.patience) {
            $0.subscriptions.removeValue(forKey: packet)
        }
        guard !granted.contains(where: \.isFailure) else {
            throw FixtureError("subscribing to \(filters) was refused: \(granted)")
        }
        return granted
    }

    /// Unsubscribes and awaits the UNSUBACK.
    public func unsubscribe(_ filters: String...) async throws {
        let packet = try await call { try $0.unsubscribe(filters) }
        try await wait("the UNSUBSCRIBE is answered", timeout: Self.patience) { inbox in
            inbox.unsubscribed.remove(packet) == nil ? nil : ()
        }
    }

    /// Disconnects properly: no will is published.
    public func disconnect(reason: ReasonCode = .success) async throws {
        perform { connection in connection?.disconnect(reason: reason) }
        _ = try await closure()
    }

    /// Closes the socket without a DISCONNECT, as a crash does: the will is published.
    public func dropConnection() async {
        try? await call { (connection: inout Connection?) in connection = nil }
    }

    /// Leaves unread what the broker sends, until ``resumeReading()``.
    public func pauseReading() { thread.setReading(false) }

    /// Reads again.
    public func resumeReading() { thread.setReading(true) }
}

extension TestClient {
    /// Runs something with the open connection, on its thread, and awaits what it returns.
    public func call<Result: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Result
    ) async throws -> Result {
        try await call { (connection: inout Connection?) in
            guard let connection else { throw MosquittoError.notConnected }
            return try body(connection)
        }
    }

    private func call<Result: Sendable>(
        _ body: @escaping @Sendable (inout Connection?) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            thread.perform { connection in
                continuation.resume(with: Swift.Result { try body(&connection) })
            }
        }
    }

    /// Looks at the inbox now.
    func look<Result: Sendable>(_ body: (inout Inbox) -> Result) -> Result {
        thread.look(body)
    }

    /// Runs something without awaiting it; an error ends up as the end of the connection.
    private func perform(_ body: @escaping @Sendable (inout Connection?) throws -> Void) {
        thread.perform { [weak thread] connection in
            do {
                try body(&connection)
            } catch {
                _ = thread?.look { $0.closure = .lost("\(error)") }
            }
        }
    }

    /// Awaits something in the inbox, which the closure looks for and takes out.
    ///
    /// Throws when time is up, or at once when the connection is over and it cannot come any more;
    /// the error lists what did come.
    @discardableResult
    public func wait<Result: Sendable>(
        _ what: String,
        timeout: Duration,
        until find: @escaping @Sendable (inout Inbox) -> Result?
    ) async throws -> Result {
        let id = options.clientID
        let deadline = ContinuousClock.now + timeout
        return try await withCheckedThrowingContinuation { continuation in
            thread.wait(until: deadline) { inbox, isLate in
                if let found = find(&inbox) {
                    continuation.resume(returning: found)
                    return true
                }
                guard isLate || inbox.isOver else { return false }
                let when = isLate ? "within \(timeout)" : "before the connection ended"
                continuation.resume(
                    throwing: FixtureError(
                        "\(id) waited in vain for: \(what), \(when). What came:\n\(inbox.summary)"
                    )
                )
                return true
            }
        }
    }
}
