import Mosquitto
import Presence

extension PresenceClient {
    /// States a word for this device: `online`, `away`, `busy`, or any of the user's own.
    ///
    /// `invisible` is to everyone as if the device had logged out; `offline` logs it out, and the
    /// client stays connected. Returns when the broker has it. Without a connection, or when it is
    /// lost meanwhile, the word is kept and stated at the next one.
    ///
    /// - Throws: ``PresenceError``: `invalid_status` for `lost`, which is what wills say, and for a
    ///   client that does not announce itself; no answer by the broker in time.
    public func setStatus(_ word: StatusWord) async throws {
        guard options.announces else {
            throw PresenceError.invalidOption("this client does not announce itself")
        }
        guard SpokenWord.meaning(of: word.text) != .lost else {
            throw PresenceError.refused(.invalidStatus, "\(word) is what a last will says")
        }
        guard !isClosing else { throw PresenceError.notConnected }
        state.device.word = word
        guard case .up = phase else {
            if case .over = phase { throw PresenceError.notConnected }
            return
        }
        try await publishStatement(within: options.answerTimeout)
    }

    /// States a word, as text: 1 to 32 characters out of `a-z 0-9 _ -`, or what the bridge takes for
    /// such a word.
    public func setStatus(_ text: String) async throws {
        guard let word = SpokenWord.meaning(of: text) else {
            throw PresenceError.refused(
                .invalidStatus,
                "a status is 1 to 32 characters out of a-z 0-9 _ -; this is \(text.debugDescription)"
            )
        }
        try await setStatus(word)
    }

    /// The word that the device states.
    public var status: StatusWord { state.device.word }

    var statementMessage: Message {
        Message(
            topic: topics.device(user, deviceName),
            payload: state.device.statement.payload,
            qos: 1,
            retain: true
        )
    }

    /// States the word again, without waiting for the broker.
    func restate() {
        guard options.announces, !isClosing, case .up(let connection) = phase else { return }
        state.device.stated(at: .now)
        // A publish that cannot be made now ends with its connection, and the next one begins
        // with a statement.
        _ = try? connection.publish(statementMessage)
    }

    func publishStatement(within patience: Duration) async throws {
        guard case .up(let connection) = phase else { throw PresenceError.notConnected }
        state.device.stated(at: .now)
        let packet: Int32
        do {
            packet = try connection.publish(statementMessage)
        } catch {
            throw PresenceError.cannotConnect(error.description)
        }
        let giveUp = Task {
            try await Task.sleep(for: patience)
            publishers.removeValue(forKey: packet)?.resume(
                throwing: PresenceError.cannotConnect("the broker did not take the statement")
            )
        }
        defer { giveUp.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { publishers[packet] = $0 }
        } onCancel: {
            Task { await self.cancel(packet: packet) }
        }
    }

    private func cancel(packet: Int32) {
        publishers.removeValue(forKey: packet)?.resume(throwing: CancellationError())
    }

    /// The connection is lost: what was to be published is stated at the beginning of the next
    /// one, if there will be one.
    func settlePublishers(throwing error: PresenceError? = nil) {
        for publisher in publishers.values {
            if let error {
                publisher.resume(throwing: error)
            } else {
                publisher.resume()
            }
        }
        publishers = [:]
    }
}
