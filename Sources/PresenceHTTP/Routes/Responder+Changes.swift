import HTTPTypes
import Presence

/// `/v1/changes`: the change log, in parts or as a stream.
extension Responder {
    /// The time between two signs of life on a stream on which nothing happens: well below that after which
    /// proxies give a connection up.
    private static let pulse = Duration.seconds(15)
    /// The most changes that are written to a stream at one time.
    private static let share = 100

    func changes(
        _ parameters: Parameters,
        _ fields: HTTPFields
    ) async throws(Problem) -> Response {
        if case .notKept? = desk.changesRefusal() { throw Problem(.notKept) }
        let call: ChangesCall
        do throws(Refusal) {
            call = try ChangesCall(parameters, fields)
        } catch {
            throw Problem(error)
        }
        if let refusal = desk.changesRefusal() { throw Problem(refusal) }
        let seat = call.waits ? waiters.enter() : nil
        guard !call.waits || seat != nil else {
            throw .unready("too many wait for changes already")
        }
        if call.isStream { return try await stream(call, seat) }
        defer { withExtendedLifetime(seat) {} }
        do throws(ChangesRefusal) {
            let page = try await desk.changes(
                after: call.after,
                limit: call.limit,
                waiting: call.patience
            )
            return .json(page.json)
        } catch {
            throw Problem(error)
        }
    }

    /// Begins a stream: what can be wrong with it is found out before its head is sent.
    ///
    /// - Parameter seat: Its place among those that wait, for as long as the answer is there.
    private func stream(
        _ call: ChangesCall,
        _ seat: Waiters.Seat?
    ) async throws(Problem) -> Response {
        let desk = desk
        let first: ChangePage
        do throws(ChangesRefusal) {
            first = try await desk.changes(after: call.after, limit: Self.share, waiting: .zero)
        } catch {
            throw Problem(error)
        }
        return Response(
            status: .ok,
            fields: [.contentType: "text/event-stream"],
            body: .stream { write in
                defer { withExtendedLifetime(seat) {} }
                var page = first
                try await write(page.events)
                while !Task.isCancelled {
                    page = try await desk.changes(
                        after: page.last,
                        limit: Self.share,
                        waiting: Self.pulse
                    )
                    try await write(page.changes.isEmpty ? Array(":\n\n".utf8) : page.events)
                }
            }
        )
    }
}

extension Problem {
    fileprivate init(_ refusal: ChangesRefusal) {
        switch refusal {
        case .notKept:
            self.init(
                .forbidden,
                ErrorCode.forbidden.rawValue,
                "the operator keeps no history: history_keep is 0"
            )
        case .gone:
            self.init(
                .gone,
                "gone",
                "changes behind this id are no longer kept, or the id was never given out; begin without after"
            )
        case .unavailable(let words): self = .unready(words)
        }
    }
}
