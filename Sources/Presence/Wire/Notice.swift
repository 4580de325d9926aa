/// What an event tells of a subscription's end.
public enum Notice {
    /// Why a subscription ended without its watcher's doing.
    public enum End: String, Hashable, Sendable {
        /// Its time ran out.
        case expired
        /// One that lasts longer took its place.
        case evicted
    }

    /// The notice as a JSON object; `nil` for the user stands for the subscription to everyone.
    public static func payload(of user: Name?, _ end: End) -> [UInt8] {
        var json = JSONWriter(reserving: 64)
        json.beginObject()
        if let user {
            json.key("username")
            json.string(user.text)
        } else {
            json.key("all")
            json.bool(true)
        }
        json.key("subscription")
        json.string(end.rawValue)
        json.endObject()
        return json.bytes
    }
}
