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
        guard StatusWord(stated: word.text) != .lost else {
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
        guard let word = StatusWord(stated: text) else {
            throw PresenceError.refused(
                .invalidStatus,
                "a status is 1 to 32 characters out of a-z 0-9 _ -; this is \(text.debugDescription)"
            )
        }
        try await setStatus(word)
    }

    /// The word that the device states.
    public var status: StatusWord { state.device.word }

    func message(stating statement: Statement) -> Message {
        let topic = topics.device(user, deviceName)
        return Message(topic: topic, payload: statement.payload, qos: 1, retain: true)
    }

    /// States the word again, without waiting for the broker.
    func restate() {
        guard options.announces, !isClosing, case .up(let connection) = phase else { return }
        state.device.stated(at: .now)
        // A publish that cannot be made now ends with its connection, and the next one begins
        // with a statement.
        _ = try? connection.publish(message(stating: state.device.statement))
    }

    func publishStatement(within longest: Duration) async throws {
        guard case .up(let connection) = phase else { throw PresenceError.notConnected }
        state.device.stated(at: .now)
        let packet: Int32
        do {
            packet = try connection.publish(message(stating: state.device.statement))
        } catch {
            throw PresenceError.cannotConnect(error.description)
        }
        let giveUp = Task {
            try await Task.sleep(for: longest)
            let error = PresenceError.cannotConnect("the broker did not take the statement")
            settle(packet: packet, .failure(error))
        }
        defer { giveUp.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { publishers[packet] = $0 }
        } onCancel: {
            Task { await self.settle(packet: packet, .failure(CancellationError())) }
        }
    }

    func settle(packet: Int32, _ result: Result<Void, any Error>) {
        publishers.removeValue(forKey: packet)?.resume(with: result)
    }

    /// The connection is lost: what was to be published is stated at the beginning of the next
    /// one, if there will be one.
    func settlePublishers(_ result: Result<Void, any Error>) {
        for packet in publishers.keys { settle(packet: packet, result) }
    }
}
