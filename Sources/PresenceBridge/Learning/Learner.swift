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
    private static let packetsPerTurn = 1_024

    private let settings: Settings
    private var call: SideCall

    /// Somebody who has called nobody yet.
    public init(_ configuration: Configuration) {
        self.init(configuration.settings)
    }

    init(_ settings: Settings) {
        self.settings = settings
        call = SideCall(settings.broker)
    }

    /// Listens for so many seconds, and tells what was learned: lines for `bridge.conf`.
    public mutating func learn(seconds: Int) throws(Failure) -> String {
        let waker = try waker()
        let connection = try connect(waker)
        defer { connection.disconnect(reason: .success) }
        var learning = Learning(topicPrefix: settings.topicPrefix)
        var system = SystemTopics()
        var isCut = false
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

    private mutating func connect(_ waker: Waker) throws(Failure) -> Connection {
        do throws(SideCall.Failure) {
            return try call.connect(waker).connection
        } catch {
            throw Failure(description: "no connection to the broker: \(error.words)")
        }
    }
}
