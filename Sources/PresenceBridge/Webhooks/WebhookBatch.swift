import Foundation
import Presence

/// Changes that are sent together; once tried, a batch stays as it is until the receiver has taken it.
struct WebhookBatch: Sendable {
    /// The most bytes of changes in one batch, unless one change alone has more.
    static let room = 1 << 20

    /// What the batch is known by: `<first id>-<last id>`.
    let id: String
    /// The id through which the receiver has everything when it has taken the batch.
    let through: Int64
    /// How many changes it holds.
    let count: Int
    /// How many it says were skipped before it.
    let skipped: Int64
    /// The Unix second of its first change.
    let time: Int64
    /// `{"changes":[{"id":"17","time":1700000000,"type":"online","status":{...}}],"skipped":3}`, without the latter
    /// where nothing was.
    let body: [UInt8]

    /// A batch of at least one change; `nil` of none.
    init?(_ changes: [LoggedChange], through id: Int64, skipped: Int64) {
        guard let first = changes.first, let last = changes.last else { return nil }
        self.id = "\(first.id)-\(last.id)"
        through = id
        count = changes.count
        self.skipped = skipped
        time = first.time
        var json = JSONWriter()
        json.beginObject()
        json.key("changes")
        json.beginArray()
        for change in changes { change.write(to: &json) }
        json.endArray()
        if skipped > 0 { json.member("skipped", skipped) }
        json.endObject()
        body = json.bytes
    }

    /// The fields of a request that is sent at a Unix second (Standard Webhooks 1.0).
    func fields(at second: Int64, key: [UInt8]?) -> [(name: String, value: String)] {
        var fields = [
            ("Content-Type", "application/json"),
            ("User-Agent", "presence-bridge/\(Version.current)"),
            ("webhook-id", id), ("webhook-timestamp", "\(second)"),
        ]
        if let key {
            let signed = Array("\(id).\(second).".utf8) + body
            let code = Data(SHA256.authenticationCode(for: signed, key: key))
            fields.append(("webhook-signature", "v1," + code.base64EncodedString()))
        }
        return fields.map { (name: $0.0, value: $0.1) }
    }
}
