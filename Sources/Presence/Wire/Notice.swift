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
        json.member("username", user?.text)
        if user == nil { json.member("all", true) }
        json.member("subscription", end.rawValue)
        json.endObject()
        return json.bytes
    }
}
