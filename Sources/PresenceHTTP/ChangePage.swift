import Presence

/// A part of the change log.
public struct ChangePage: Hashable, Sendable {
    /// The changes, in the order of their ids.
    public var changes: [LoggedChange]
    /// The id after which the next part begins.
    public var last: Int64

    /// A part.
    public init(_ changes: [LoggedChange], last: Int64) {
        self.changes = changes
        self.last = last
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
