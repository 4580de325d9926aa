import Mosquitto
import Presence

extension PresenceClient {
    /// Asks the bridge, again and again if need be, and returns the result.
    func ask(_ request: Request) async throws -> JSONObject {
        try Task.checkCancellation()
        switch phase {
        case _ where isClosing: throw PresenceError.notConnected
        case .idle, .over: throw PresenceError.notConnected
        case .connecting, .up, .waiting: break
        }
        let now = ContinuousClock.now
        let number = state.questions.ask(request, at: now, until: now + options.answerTimeout)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { askers[number] = $0 }
        } onCancel: {
            Task { await self.cancel(number) }
        }
    }

    private func cancel(_ number: Int64) {
        _ = state.questions.end(number)
        askers.removeValue(forKey: number)?.resume(throwing: CancellationError())
    }

    func requestTopic(_ operation: Request.Operation) -> String {
        topics.request(user, deviceName, operation)
    }

    func send(_ number: Int64, _ request: Request, on connection: Connection) {
        // A bridge that says that it is away would not hear it; it is sent when it is back.
        if state.bridges.isAway { return }
        let message = Message(
            topic: requestTopic(request.operation),
            payload: request.payload(id: .text("\(state.mark)-\(number)")),
            qos: 1
        )
        do {
            packets[try connection.publish(message)] = number
        } catch .notConnected, .tooManyUnacknowledged {
            // It is sent again when its patience is over, or on the next connection.
        } catch {
            _ = state.questions.end(number)
            askers.removeValue(forKey: number)?
                .resume(throwing: PresenceError.invalidOption(error.description))
        }
    }

    func giveUp(_ number: Int64, _ request: Request) {
        askers.removeValue(forKey: number)?.resume(
            throwing: PresenceError.noAnswer(
                operation: request.operation.rawValue,
                bridgeIsAway: state.bridges.isAway
            )
        )
    }

    func failAskers(_ error: PresenceError) {
        for (number, asker) in askers.sorted(by: { $0.key < $1.key }) {
            _ = state.questions.end(number)
            asker.resume(throwing: error)
        }
        askers = [:]
    }
}
