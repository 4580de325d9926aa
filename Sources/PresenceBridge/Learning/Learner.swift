import Mosquitto
import Presence
import PresenceAdoption
import PresenceCore

/// Listens to all that is published on the broker, for a while, to find out what can be adopted.
///
/// It calls the broker as the bridge does, under a client id of its own and without a will, and writes nothing: one
/// SUBSCRIBE is all that it sends.
public struct Learner {
    /// Why nothing was learned, in words.
    public struct Failure: Error, CustomStringConvertible {
        /// The reason.
        public let description: String
    }

    /// Everything, and what the broker and those beside it say of others' connections.
    ///
    /// How many messages were dropped before is read first: what of all that is retained does not fit into the broker's
    /// queue is dropped.
    static let filters = [
        SystemTopics.dropped, everything, "$SYS/broker/connection/+/state",
        "$SYS/brokers/+/clients/+/+",
    ]
    private static let everything = "#"
    /// The times that can be listened for, in seconds.
    public static let seconds: ClosedRange<Int> = 1...86_400
    /// How long the broker may take to answer, in milliseconds.
    private static let patience: Int64 = 10_000
    private static let packetsPerTurn = 1_024

    private let settings: Settings
    private var calls: Calls

    /// Somebody who has called nobody yet.
    public init(_ configuration: Configuration) {
        self.init(configuration.settings)
    }

    init(_ settings: Settings) {
        self.settings = settings
        calls = Calls(settings.broker, started: .now, random: SystemRandomNumberGenerator())
    }

    /// Listens for so many seconds, and tells what was learned: lines for `bridge.conf`.
    public mutating func learn(seconds: Int) throws(Failure) -> String {
        let connection = try connect()
        defer { connection.disconnect(reason: .success) }
        var learning = Learning(topicPrefix: settings.topicPrefix)
        var system = SystemTopics()
        var isCut = false
        let waker = try waker()
        do throws(MosquittoError) {
            _ = try connection.subscribe(
                Self.filters,
                options: SubscriptionOptions(qos: 0),
                identifier: nil
            )
        } catch {
            throw Failure(description: "cannot subscribe: \(error)")
        }
        let end = Instant.now.uptime + Int64(seconds) * 1_000
        var ticked = Instant.now.uptime
        while true {
            let now = Instant.now.uptime
            guard now < end else { break }
            if now - ticked >= 1_000 {
                connection.tick()
                ticked = now
            }
            let isMore = connection.read(limit: Self.packetsPerTurn)
            connection.write()
            for event in connection.takeEvents() {
                switch event {
                case .message(let message):
                    if let news = system.hear(message) {
                        isCut = isCut || news == .dropped
                        continue
                    }
                    learning.hear(message.topic, message.payload, isRetained: message.retain)
                case .closed(let closure):
                    throw Failure(description: "the connection to the broker ended: \(closure)")
                case .subscribed(_, let granted):
                    for (filter, code) in zip(Self.filters, granted)
                    where filter == Self.everything && code.isFailure {
                        throw Failure(description: Self.complaint)
                    }
                default: continue
                }
            }
            if !isMore { wait(for: connection, waker, milliseconds: min(end - now, 250)) }
        }
        return learning.report(seconds: seconds, isCut: isCut)
    }

    private static let complaint =
        "the broker does not let this user read everything: add to its ACL, for as long as it learns: "
        + "topic read #"

    private func waker() throws(Failure) -> Waker {
        do throws(NoDescriptor) {
            return try Waker()
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    private func wait(for connection: Connection, _ waker: Waker, milliseconds: Int64) {
        waker.wait(
            for: connection.fileDescriptor,
            toWrite: connection.wantsWrite,
            milliseconds: milliseconds
        )
    }

    /// Calls the broker, in the older version of MQTT where it does not take the newer one.
    private mutating func connect() throws(Failure) -> Connection {
        let waker = try waker()
        while true {
            let cause: Calls.Cause
            do throws(MosquittoError) {
                let connection = try Connection(calls.optionsBeside())
                try connection.connect()
                guard let failure = greet(connection, waker) else {
                    calls.stand()
                    return connection
                }
                cause = failure
            } catch {
                cause = .notCalled(error)
            }
            let (_, words) = calls.rest(for: cause, at: Instant.now.uptime)
            guard let words else { continue }
            throw Failure(description: "no connection to the broker: \(words)")
        }
    }

    /// Awaits the answer to a call; returns what is wrong, if anything is.
    private func greet(_ connection: Connection, _ waker: Waker) -> Calls.Cause? {
        let end = Instant.now.uptime + Self.patience
        while Instant.now.uptime < end {
            _ = connection.read(limit: Self.packetsPerTurn)
            connection.write()
            for event in connection.takeEvents() {
                switch event {
                case .connected: return nil
                case .refused(let refusal): return .refused(refusal)
                case .closed(let closure): return .hungUp(closure)
                default: continue
                }
            }
            wait(for: connection, waker, milliseconds: 100)
        }
        return .unanswered
    }
}
