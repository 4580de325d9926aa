import Presence

/// `subscriptions`: pages of the caller's own.
extension Call {
    func subscriptions(
        page: Int64,
        size: Int,
        _ held: [Subscription],
        _ names: Names
    ) -> JSONWriter {
        let named = held.filter { $0.user != .everyone }
            .map { (name: names[$0.user], expires: $0.expires) }
            .sorted { $0.name < $1.name }
        var json = JSONWriter(reserving: 64 + 64 * min(size, named.count))
        json.beginObject()
        json.integer("total", Int64(named.count))
        json.integer("pageNum", page)
        json.integer("pageSize", Int64(size))
        json.key("subscriptions")
        json.beginArray()
        let start = page.multipliedReportingOverflow(by: Int64(size))
        if !start.overflow, start.partialValue < named.count {
            for subscription in named.dropFirst(Int(start.partialValue)).prefix(size) {
                json.beginObject()
                json.key("username")
                json.string(subscription.name.text)
                json.integer("expires", Int64(subscription.expires))
                json.endObject()
            }
        }
        json.endArray()
        if let all = held.first, all.user == .everyone { json.all(until: all.expires) }
        json.endObject()
        return json
    }
}
