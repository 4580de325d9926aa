import Curl
import Foundation
import Presence
import PresenceClient
import Synchronization

/// The bridge's log of changes as it grows: server-sent events over one connection.
///
/// https://html.spec.whatwg.org/multipage/server-sent-events.html
struct ChangeStream: Sendable {
    /// What comes over it.
    enum Event: Sendable {
        /// How far it has come: an id, and the status that has changed, if one has.
        case change(id: String, UserStatus?)
    }

    /// Nothing may come for so long: the bridge gives a sign of life every 15 s.
    private static let longestSilence = 45.0
    private static let longestProblem = 65_536

    let caller: HTTPCaller

    /// Opens it behind a change; it ends with an error when the connection does, or with the task.
    func events(after id: String) -> AsyncThrowingStream<Event, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: Event.self)
        let isOver = Flag()
        continuation.onTermination = { _ in isOver.raise() }
        var request = caller.request("GET", "/v1/changes", query: [("after", id)])
        request.headers.append(("Accept", "text/event-stream"))
        let (sent, caller) = (request, caller)
        Thread.detachNewThread {
            continuation.finish(throwing: Self.run(sent, caller, isOver, continuation))
        }
        return stream
    }

    /// Reads until the end; returns why it has come.
    private static func run(
        _ request: HTTPRequest,
        _ caller: HTTPCaller,
        _ isOver: Flag,
        _ continuation: AsyncThrowingStream<Event, any Error>.Continuation
    ) -> any Error {
        do throws(TransferFailure) {
            let transfers = try Transfers()
            var reader = EventReader()
            var start: [UInt8] = []
            var heard = Date()
            _ = transfers.begin(request) { part in
                heard = Date()
                if start.count < longestProblem { start += part }
                for event in reader.read(part) { continuation.yield(event) }
                return !isOver.isRaised
            }
            while !isOver.isRaised {
                transfers.wait(milliseconds: 200)
                if let done = transfers.takeFinished().first {
                    let response = try done.outcome.get()
                    guard response.status != 200 else {
                        return PresenceError.cannotConnect("the bridge has ended the stream")
                    }
                    return caller.error(
                        HTTPResponse(
                            status: response.status,
                            body: start,
                            retryAfter: response.retryAfter,
                            location: response.location
                        )
                    )
                }
                if Date().timeIntervalSince(heard) > longestSilence {
                    return PresenceError.cannotConnect("the bridge has fallen silent")
                }
            }
            return CancellationError()
        } catch {
            return caller.error(error)
        }
    }
}

/// Raised once, by any thread.
private final class Flag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}
