/// One element of an event: what a watcher is told.
public enum EventItem: Hashable, Sendable {
    /// A user whom the watcher is subscribed to has changed.
    case status(UserStatus)
    /// The subscription to a user has ended, or, with `nil`, the one to everyone.
    case ended(Name?, Notice.End)

    /// Reads the payload of an event; `nil` when it is none.
    ///
    /// Elements of a form that is not known are left out: a later version of the protocol may have
    /// more.
    public static func read(_ payload: [UInt8]) -> [EventItem]? {
        guard case .array(let elements)? = try? JSONValue(parsing: payload) else { return nil }
        return elements.compactMap { element in element.object.flatMap(EventItem.init) }
    }

    private init?(_ object: JSONObject) {
        guard let end = object["subscription"] else {
            guard let status = UserStatus(reading: object) else { return nil }
            self = .status(status)
            return
        }
        guard let why = end.string.flatMap(Notice.End.init) else { return nil }
        if let user = object["username"]?.string.flatMap(Name.init(user:)) {
            self = .ended(user, why)
        } else if object["all"]?.bool == true {
            self = .ended(nil, why)
        } else {
            return nil
        }
    }
}
