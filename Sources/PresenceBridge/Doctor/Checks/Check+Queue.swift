import Mosquitto
import Presence
import PresenceCore

/// Whether the broker holds enough for a client that does not read for a while.
extension Check {
    static let queue = Check("queue", needs: .connection) { $0.tryQueue() }
}

extension Examination {
    /// More messages than mosquitto holds by default, which is 1,000.
    private static let usualQueue = 5_000
    /// How many messages may be on their way to the client that does not read, so that a far broker
    /// need not wait for each acknowledgement.
    private static let onTheWay: UInt16 = 100
    /// How long all of it may take, in milliseconds.
    private static let queuePatience: Int64 = 15_000

    /// Connects a client that does not read, publishes to it, and counts what has waited for it.
    fileprivate func tryQueue() -> Check.Outcome {
        if options.queue == nil, let brokerFile, brokerFile.fault == nil {
            // What mosquitto takes where nothing is said.
            let count = brokerFile["max_queued_messages"].flatMap(Int.init) ?? 1_000
            // mosquitto documents 0 as no limit, and some of its releases drop everything then.
            return count >= Self.usualQueue
                ? .sound("the broker's queue for one client holds \(count) messages")
                : tooSmall("holds \(count) messages by its own file")
        }
        let isAsked = options.queue != nil
        guard isAsked || serving.isEmpty else {
            return .untold(
                "not tried beside a bridge that serves: what the broker drops makes it read "
                    + "everything again. --queue \(Self.usualQueue) tries it, --broker-config FILE "
                    + "looks it up"
            )
        }
        guard rights[.status] == .holds else { return .untold("not tried: see right-status") }
        guard case .stands(let idle) = call({ $0.receiveMaximum = Self.onTheWay }), let connection
        else {
            return .untold("not tried: there is no second connection")
        }
        defer { idle.leave() }
        let needed = options.queue ?? Self.usualQueue
        let topic = "\(topics.prefix)/status/$doctor/\(nonce)-queue"
        guard idle.subscribe([topic]).allSatisfy({ !$0.isFailure }) else {
            return .untold("not told: the broker refused the subscription")
        }
        let messages = [Message](repeating: Message(topic: topic, payload: "q"), count: needed)
        let patience = min(Self.queuePatience, ProbeConnection.patience + Int64(needed))
        let taken = connection.publish(messages, within: patience).count { !$0.isRefused }
        var count = 0
        let end = Instant.now.uptime + Self.queuePatience
        while count < needed {
            guard Instant.now.uptime < end else {
                return .untold("not told: the broker is too far")
            }
            idle.wait(ProbeConnection.delivery) { idle.messages.count > count }
            guard idle.messages.count > count else { break }
            count = idle.messages.count
        }
        if count >= needed {
            return .sound(
                "\(needed) messages wait for a client that does not read; none is dropped"
            )
        }
        guard count < taken else { return .untold("not told: the broker is too slow") }
        return tooSmall("drops what is more than \(count)")
    }

    private func tooSmall(_ words: String) -> Check.Outcome {
        .wrong(
            "the broker's queue for one client \(words); what is retained of all users and "
                + "devices, and the wills of all who lose one uplink, must fit",
            broker("max_queued_messages 5000000")
        )
    }
}
