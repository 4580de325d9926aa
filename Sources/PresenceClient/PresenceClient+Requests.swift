import Mosquitto
import Presence

extension PresenceClient {
    /// Asks the bridge, again and again if need be, and reads the result.
    ///
    /// - Throws: ``PresenceError/unintelligible(operation:)`` for a result that cannot be read.
    func ask<Answer>(
        _ request: Request,
        reading read: (JSONObject) -> Answer?
    ) async throws -> Answer {
        try Task.checkCancellation()
        switch phase {
        case .idle, .over: throw PresenceError.notConnected
        case .connecting, .up, .waiting: if isClosing { throw PresenceError.notConnected }
        }
        let now = ContinuousClock.now
        let number = state.requests.add(request, at: now, until: now + options.answerTimeout)
        let result = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { requesters[number] = $0 }
        } onCancel: {
            Task { await self.settle(number, .failure(CancellationError())) }
        }
        guard let answer = read(result) else {
            throw PresenceError.unintelligible(operation: request.operation.rawValue)
        }
        return answer
    }

    /// Ends a request; who waits for its answer gets this.
    func settle(_ number: Int64, _ result: Result<JSONObject, any Error>) {
        _ = state.requests.end(number)
        requesters.removeValue(forKey: number)?.resume(with: result)
    }

    func failRequests(_ error: PresenceError) {
        for number in requesters.keys.sorted() { settle(number, .failure(error)) }
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
            // It is sent again after a while, or on the next connection.
        } catch {
            settle(number, .failure(PresenceError.invalidOption(error.description)))
        }
    }

    /// Reads all pages of a list, each by the cursor of the one before; from the beginning again when the
    /// bridge has forgotten the cursor, as after a restart.
    func pages<Page>(
        _ request: (_ cursor: String?) -> Request,
        reading read: (JSONObject) -> Page?
    ) async throws -> [Page] {
        while true {
            do {
                return try await pagesOnce(request, reading: read)
            } catch let error as PresenceError where error.code == .invalidPage {
                continue
            }
        }
    }

    /// The same, but a cursor that the bridge has forgotten is an error.
    func pagesOnce<Page>(
        _ request: (_ cursor: String?) -> Request,
        reading read: (JSONObject) -> Page?
    ) async throws -> [Page] {
        var pages: [Page] = []
        var cursor: String?
        repeat {
            let page = try await ask(request(cursor)) { result in
                cursor = result["cursor"]?.string
                return read(result)
            }
            pages.append(page)
        } while cursor != nil
        return pages
    }
}

extension JSONValue {
    /// The number of things that it says; `nil` when it says none.
    package var count: Int? { integer.flatMap { $0 < 0 ? nil : Int(exactly: $0) } }

    /// The elements as names of users; `nil` when one is none.
    package var names: [Name]? {
        guard let array else { return nil }
        let names = array.compactMap { $0.string.flatMap(Name.init(user:)) }
        return names.count == array.count ? names : nil
    }

    /// The elements as statuses, without those that are none; `nil` for anything but an array.
    package var statuses: [UserStatus]? {
        array?.compactMap(\.object).compactMap(UserStatus.init(reading:))
    }
}
