/// What is known of one user beyond a restart, or only the name, when it is merely watched or
/// watching.
public struct UserRecord: Hashable, Sendable {
    /// The number of the user.
    public var id: UserID
    /// The name of the user.
    public var name: Name
    /// The description last published, `""` if there is none.
    public var description: String
    /// The Unix second at which the description goes away by itself.
    public var descriptionExpires: Int64?
    /// Why the last device went; `nil` while online and for a user who never was.
    public var cause: Cause?
    /// The Unix second at which the user came online or was last seen.
    public var since: Int64?
    /// The Unix second of the last change.
    public var updated: Int64?
    /// The number of the last change, 0 for a user who was never seen.
    public var seq: Int64

    /// A record of a user, by default of one of whom only the name is known.
    public init(
        id: UserID,
        name: Name,
        description: String = "",
        descriptionExpires: Int64? = nil,
        cause: Cause? = nil,
        since: Int64? = nil,
        updated: Int64? = nil,
        seq: Int64 = 0
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.descriptionExpires = descriptionExpires
        self.cause = cause
        self.since = since
        self.updated = updated
        self.seq = seq
    }
}
