import Presence

/// A change of a user's status, as the operator's log of changes has it.
public struct UserChange: Hashable, Sendable {
    /// What changed: the first that applies.
    public typealias Kind = LoggedChange.Kind

    /// What it is known by; of two changes the later one has the higher id.
    public var id: Int64
    /// The Unix second of the change.
    public var time: Int64
    /// What changed.
    public var kind: Kind
    /// The status that the user had then.
    public var status: UserStatus

    /// A change.
    public init(id: Int64, time: Int64, kind: Kind, status: UserStatus) {
        self.id = id
        self.time = time
        self.kind = kind
        self.status = status
    }

    package init?(_ value: JSONValue) {
        guard let object = value.object, let id = object["id"]?.string.flatMap({ Int64($0) }),
            let time = object["time"]?.integer,
            let kind = object["type"]?.string.flatMap(Kind.init(rawValue:)),
            let status = object["status"]?.object.flatMap(UserStatus.init(reading:))
        else { return nil }
        self.init(id: id, time: time, kind: kind, status: status)
    }
}
