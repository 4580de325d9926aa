/// A device that is remembered, as last told.
public struct DeviceRecord: Hashable, Sendable {
    /// What a record is stored under, by user and then by name.
    public struct Key: Hashable, Comparable, Sendable {
        /// The number of the user.
        public var user: UserID
        /// The name of the device.
        public var name: Name

        /// The key of a device.
        public init(user: UserID, name: Name) {
            self.user = user
            self.name = name
        }

        /// By user, then by name.
        @inlinable
        public static func < (left: Self, right: Self) -> Bool {
            left.user == right.user ? left.name < right.name : left.user < right.user
        }
    }

    /// What it is stored under.
    public var key: Key { Key(user: user, name: name) }
    /// The number of the user.
    public var user: UserID
    /// The name of the device.
    public var name: Name
    /// The word with which it is online, or its last one.
    public var status: StatusWord
    /// Its promise to state something again, in seconds.
    public var ttl: Int64?
    /// The name of its connection.
    public var session: String?
    /// The epoch of the broker in which it last spoke.
    public var epoch: Int64
    /// The Unix second of its last statement that changed this record.
    public var heard: Int64

    /// A record of a device.
    public init(
        user: UserID,
        name: Name,
        status: StatusWord,
        ttl: Int64? = nil,
        session: String? = nil,
        epoch: Int64,
        heard: Int64
    ) {
        self.user = user
        self.name = name
        self.status = status
        self.ttl = ttl
        self.session = session
        self.epoch = epoch
        self.heard = heard
    }
}
