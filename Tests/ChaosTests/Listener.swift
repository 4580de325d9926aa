import Crowd
import Mosquitto

/// Who reads some topics for a whole run, and connects again whenever it must.
///
/// With QoS 0, which is never cut, and on a connection of its own, so that a crowd of other messages drops nothing of it.
final class Listener: Member {
    private static let username = "monitor"
    private static let pause = Duration.milliseconds(100)

    private(set) var connection: Connection?
    private let port: UInt16
    private let filter: String
    private let hear: (Message, ContinuousClock.Instant) -> Void
    private var callsAt = ContinuousClock.now

    /// One that reads what comes on the topics of a filter.
    init(
        port: UInt16,
        filter: String,
        hear: @escaping (Message, ContinuousClock.Instant) -> Void
    ) {
        self.port = port
        self.filter = filter
        self.hear = hear
    }

    func wake(at now: ContinuousClock.Instant) {
        guard connection == nil, now >= callsAt else { return }
        callsAt = now + Self.pause
        var options = ConnectionOptions(
            clientID: "listener \(filter)",
            host: "127.0.0.1",
            port: port
        )
        options.username = Self.username
        options.password = Self.username
        options.keepAlive = 5
        connection = try? Connection(options)
        do {
            try connection?.connect()
        } catch {
            connection = nil
        }
    }

    func take(_ event: Event, at now: ContinuousClock.Instant) {
        switch event {
        case .connected:
            _ = try? connection?.subscribe([filter], options: SubscriptionOptions(qos: 0))
        case .message(let message): hear(message, now)
        case .closed, .refused:
            connection = nil
            callsAt = now + Self.pause
        case .published, .subscribed, .unsubscribed: break
        }
    }
}
