import Presence

/// A batch of changes that the receiver of a webhook has taken.
package struct WebhookSeen: Hashable, Sendable {
    /// The webhook.
    package var url: String
    /// The changes, in their order.
    package var changes: [Row]
    /// How many changes it was told were skipped.
    package var skipped: Int

    /// One of the changes.
    package struct Row: Hashable, Sendable {
        package var id: Int64
        package var user: String

        package init(id: Int64, user: String) {
            self.id = id
            self.user = user
        }
    }

    package init(url: String, changes: [Row], skipped: Int = 0) {
        self.url = url
        self.changes = changes
        self.skipped = skipped
    }

    /// Reads a request's body; `nil` where it is none of those that the protocol knows.
    init?(_ body: [UInt8], url: String) {
        guard let object = (try? JSONValue(parsing: body))?.object,
            let items = object["changes"]?.array
        else { return nil }
        var rows: [Row] = []
        for item in items {
            guard let id = item.object?["id"]?.string.flatMap(Int64.init),
                let user = item.object?["status"]?.object?["username"]?.string
            else { return nil }
            rows.append(Row(id: id, user: user))
        }
        self.init(url: url, changes: rows, skipped: Int(object["skipped"]?.integer ?? 0))
    }
}
