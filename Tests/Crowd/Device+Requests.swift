import Mosquitto
import Presence

/// A request until it is answered.
struct PendingRequest {
    let id: Int64
    let operation: String
    let payload: String
    /// Whether an error is an answer like any other.
    let mayFail: Bool
    /// When it is sent, for the first time or again.
    var due: ContinuousClock.Instant
    var attempts = 0
    let answered: (JSONValue) -> Void
}

extension Device {
    /// How many requests have not been answered.
    public var unanswered: Int { questions.count }

    /// Asks something, one request after the other, each as often as it takes.
    ///
    /// - Parameters:
    ///   - members: What the request has besides its `id`, as JSON without the braces.
    ///   - mayFail: Whether an error is an answer; if not, it is complained of.
    ///   - answered: Called with the result, or `null` for an error.
    public func ask(
        _ operation: String,
        _ members: String = "",
        mayFail: Bool = false,
        answered: @escaping (JSONValue) -> Void = { _ in }
    ) {
        lastQuestion += 1
        let separator = members.isEmpty ? "" : ","
        questions.append(
            PendingRequest(
                id: Int64(lastQuestion),
                operation: operation,
                payload: "{\"id\":\(lastQuestion)\(separator)\(members)}",
                mayFail: mayFail,
                due: .now,
                answered: answered
            )
        )
        if questions.count == 1 { sendNext() }
    }

    /// Sends what is due: the oldest question, when it has not been answered in time.
    func askAgain(at now: ContinuousClock.Instant) {
        syncIfMissed()
        guard let question = questions.first, now >= question.due, isSubscribed,
            case .standing(let connection) = link
        else { return }
        if question.attempts > 0 { ledger.tally.retries += 1 }
        questions[0].attempts += 1
        let patience = options.patience * Double(min(questions[0].attempts, 3))
        questions[0].due = now + patience
        let message = Message(
            topic: "presence/request/\(options.user)/\(options.device)/\(question.operation)",
            payload: question.payload,
            qos: 1
        )
        do {
            try connection.publish(message)
        } catch {
            failed(error)
        }
        members.touch(self)
    }

    func sendNext() {
        guard !questions.isEmpty else { return }
        questions[0].due = .now
        askAgain(at: .now)
    }

    // MARK: - Subscriptions

    /// Subscribes to users, and notes what was acknowledged.
    public func subscribe(to names: [String], expiry: Int) {
        let list = names.map { "\"\($0)\"" }.joined(separator: ",")
        ask("subscribe", "\"usernames\":[\(list)],\"expiry\":\(expiry)") { [weak self] result in
            guard let self else { return }
            let subscribed = result.object?["subscribed"]?.array ?? []
            if subscribed.count != names.count {
                ledger.tally.complain("\(options.user) subscribed to \(names): \(result)")
            }
            for status in subscribed {
                guard let seen = SeenStatus(status),
                    let expires = status.object?["expires"]?.integer
                else {
                    ledger.tally.complain("\(options.user) subscribed: no status \(status)")
                    continue
                }
                ledger.tally.subscriptions += 1
                view.subscribed(seen, expires: expires)
                onStatus?(seen)
            }
        }
    }

    /// Unsubscribes from users.
    public func unsubscribe(from names: [String]) {
        let list = names.map { "\"\($0)\"" }.joined(separator: ",")
        ask("unsubscribe", "\"usernames\":[\(list)]") { [weak self] _ in
            for name in names { self?.view.unsubscribed(name) }
        }
    }

    // MARK: - What was missed

    /// Asks for what it may have missed, as soon as it has nothing else to ask.
    private func syncIfMissed() {
        guard view.isBehind, isSubscribed, questions.isEmpty,
            !view.subscriptions.isEmpty
        else { return }
        ledger.tally.syncs += 1
        view.beginSync()
        askPage(cursor: nil)
    }

    private func askPage(cursor: String?) {
        let next = cursor.map { ",\"cursor\":\"\($0)\"" } ?? ""
        let payload = "\"after\":\(view.syncedUpTo),\"pageSize\":100\(next)"
        ask("sync", payload, mayFail: true) { [weak self] result in
            guard let self else { return }
            guard let users = result.object?["users"]?.array else {
                // The cursor was of a bridge that is no more.
                view.missed()
                return
            }
            for status in users {
                guard let seen = SeenStatus(status) else { continue }
                view.learnt(seen)
                onStatus?(seen)
            }
            view.page(time: cursor == nil ? result.object?["time"]?.integer : nil)
            if let cursor = result.object?["cursor"]?.string {
                askPage(cursor: cursor)
            } else {
                view.endSync()
            }
        }
    }
}
