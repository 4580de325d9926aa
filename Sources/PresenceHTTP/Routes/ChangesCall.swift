import HTTPTypes
import Presence

/// A call of `/v1/changes`: what of the change log is wanted, and how.
struct ChangesCall: Hashable, Sendable {
    private static let limits: ClosedRange<Int64> = 1...1_000
    private static let waits: ClosedRange<Int64> = 0...60

    /// The id behind which changes are wanted; `nil` for those from now on.
    let after: Int64?
    let limit: Int
    /// How long the first may be waited for.
    let patience: Duration
    /// Whether changes are wanted as they come, as server-sent events.
    let isStream: Bool

    /// Whether it may hold its connection.
    var waits: Bool { isStream || patience > .zero }

    init(_ parameters: Parameters, _ fields: HTTPFields) throws(Refusal) {
        isStream = fields[values: .accept].contains {
            $0.lowercased().contains("text/event-stream")
        }
        let after = try parameters.whole("after")
        let limit = try parameters.whole("limit") ?? 100
        let wait = try parameters.whole("wait") ?? 0
        // A client that connects again asks by the same address, and says how far it has come.
        let resumed = try isStream ? Self.id(in: fields) : nil
        guard after ?? 0 >= 0 else { throw Refusal(.invalidPage, "after is the id of a change") }
        guard Self.limits.contains(limit) else {
            throw Refusal(.invalidPage, "limit is 1 to 1000, not \(limit)")
        }
        guard Self.waits.contains(wait) else {
            throw Refusal(.invalidPage, "wait is 0 to 60 seconds, not \(wait)")
        }
        self.after = resumed ?? after
        self.limit = Int(limit)
        patience = .seconds(wait)
    }

    private static func id(in fields: HTTPFields) throws(Refusal) -> Int64? {
        let field = fields.first { $0.name.canonicalName == "last-event-id" }
        guard let text = field?.value, !text.isEmpty else { return nil }
        guard let id = Int64(text), id >= 0 else {
            throw Refusal(.malformedRequest, "Last-Event-ID is the id of a change")
        }
        return id
    }
}
