import Presence

/// `history`: a page of the changes of the caller, the newest first.
extension Call {
    /// What is read of the change log for the answer, if it is such a request: one change more than the page
    /// has, which says whether there is another page.
    var historyQuery: HistoryQuery? {
        guard case .history(let after, let before, let size, let below) = command else {
            return nil
        }
        return HistoryQuery(
            of: caller,
            after: after,
            before: before,
            below: below,
            limit: size + 1
        )
    }

    func history(_ changes: [LoggedChange], size: Int) throws(Refusal) -> JSONWriter {
        var json = JSONWriter(reserving: 64 + 320 * min(size, changes.count))
        json.beginObject()
        json.key("changes")
        json.beginArray()
        var last: Int64?
        var isMore = changes.count > size
        for change in changes.prefix(size) {
            let length = json.bytes.count + change.status.count + 96
            guard isRoom(for: length, isFirst: last == nil) else {
                isMore = true
                break
            }
            change.write(to: &json)
            last = change.id
        }
        json.endArray()
        guard last != nil || changes.isEmpty else { throw tooLong(json.bytes.count) }
        write(isMore ? last : nil, to: &json)
        json.endObject()
        return json
    }
}
