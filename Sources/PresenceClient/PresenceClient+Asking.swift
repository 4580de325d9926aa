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
        let number = questions.ask(request, at: now, until: now + options.answerTimeout)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { askers[number] = $0 }
        } onCancel: {
            Task { await self.cancel(number) }
        }
    }

    private func cancel(_ number: Int64) {
        _ = questions.end(number)
        askers.removeValue(forKey: number)?.resume(throwing: CancellationError())
    }

    func requestTopic(_ operation: Request.Operation) -> String {
        topics.request(user, deviceName, operation)
    }

    func send(_ number: Int64, _ request: Request, on connection: Connection) {
        // A bridge that says that it is away would not hear it; it is sent when it is back.
        if bridges.isAway { return }
        let message = Message(
            topic: requestTopic(request.operation),
            payload: request.payload(id: .text("\(mark)-\(number)")),
            qos: 1
        )
        do {
            packets[try connection.publish(message)] = number
        } catch .notConnected, .tooManyUnacknowledged {
            // It is sent again when its patience is over, or on the next connection.
        } catch {
            _ = questions.end(number)
            askers.removeValue(forKey: number)?
                .resume(throwing: PresenceError.invalidOption(error.description))
        }
    }

    func giveUp(_ number: Int64, _ request: Request) {
        askers.removeValue(forKey: number)?.resume(
            throwing: PresenceError.noAnswer(
                operation: request.operation.rawValue,
                bridgeIsAway: bridges.isAway
            )
        )
    }

    func failAskers(_ error: PresenceError) {
        for (number, asker) in askers.sorted(by: { $0.key < $1.key }) {
            _ = questions.end(number)
            asker.resume(throwing: error)
        }
        askers = [:]
    }

    /// Hears what came to the device's response topic.
    func hear(_ response: Response) {
        if case .announce = response.content {
            // Another client's word stands there, and that one is asked, too.
            return device.isReplaced ? () : restate()
        }
        guard case .text(let id)? = response.id, id.hasPrefix(mark + "-"),
            let number = Int64(id.dropFirst(mark.count + 1))
        else {
            if case .refusal(let code, let message, let retryAfter) = response.content,
                response.operation == "device"
            {
                let refusal = PresenceError.refused(
                    code: code,
                    message: message,
                    retryAfter: retryAfter
                )
                audience.tell(.deviceRefused(refusal))
            }
            return
        }
        switch response.content {
        case .announce: break
        case .result(let result):
            _ = questions.end(number)
            askers.removeValue(forKey: number)?.resume(returning: result)
        case .refusal(let code, let message, let retryAfter):
            if let retryAfter,
                questions.postpone(number, until: .now + .seconds(max(1, min(retryAfter, 86_400))))
            {
                return
            }
            _ = questions.end(number)
            let error = PresenceError.refused(code: code, message: message, retryAfter: retryAfter)
            askers.removeValue(forKey: number)?.resume(throwing: error)
        }
    }
}
