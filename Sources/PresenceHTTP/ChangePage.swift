import Presence

/// A part of the change log.
public struct ChangePage: Hashable, Sendable {
    /// The changes, in the order of their ids.
    public var changes: [LoggedChange]
    /// The id after which the next part begins.
    public var last: Int64

    /// The most bytes of statuses in one part, unless one status alone has more.
    private static let room = 4 << 20

    /// A part, or of what is too long for one the beginning.
    public init(_ changes: [LoggedChange], last: Int64) {
        var size = 0
        let count = changes.prefix { change in
            size += change.status.count
            return size <= Self.room
        }.count
        let isWhole = count == changes.count || changes.count == 1
        self.changes = isWhole ? changes : Array(changes.prefix(max(1, count)))
        self.last = isWhole ? last : self.changes.last?.id ?? last
    }

    /// As JSON: `{"changes":[...],"last":"17"}`.
    var json: [UInt8] {
        var json = JSONWriter(reserving: 64 + 320 * changes.count)
        json.beginObject()
        json.key("changes")
        json.beginArray()
        for change in changes { change.write(to: &json) }
        json.endArray()
        json.member("last", "\(last)")
        json.endObject()
        return json.bytes
    }

    /// The changes as server-sent events, each with its id; the id alone where there is none.
    ///
    /// https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.5
    var events: [UInt8] {
        guard !changes.isEmpty else { return Array("id: \(last)\n\n".utf8) }
        return changes.flatMap { change in
            var json = JSONWriter(reserving: 64 + change.status.count)
            change.write(to: &json)
            // There is no line break in it: JSON is written without white space.
            return Array("id: \(change.id)\ndata: ".utf8) + json.bytes + Array("\n\n".utf8)
        }
    }
}
