/// One row of the change log: a change of a user's status, as it was told.
public struct LoggedChange: Hashable, Sendable {
    /// What kind of change it was: the first that applies.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// The user came online.
        case online
        /// The user went.
        case offline
        /// The word that stands for all devices changed.
        case status
        /// The user's own words changed.
        case description
        /// Anything else: a device came, went or changed behind the one that ranks first.
        case devices
    }

    /// What it is known by: ids rise from 1, and none is given twice.
    public var id: Int64
    /// Whose status it is.
    public var user: Name
    /// The Unix second of the change: the status's `updated`.
    public var time: Int64
    /// What changed.
    public var kind: Kind
    /// The status as JSON.
    public var status: [UInt8]

    /// A row.
    public init(id: Int64, user: Name, time: Int64, kind: Kind, status: [UInt8]) {
        self.id = id
        self.user = user
        self.time = time
        self.kind = kind
        self.status = status
    }

    /// Writes `{"id":"17","time":1700000000,"type":"online","status":{...}}`.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("id", "\(id)")
        json.member("time", time)
        json.member("type", kind.rawValue)
        json.key("status")
        json.raw(status)
        json.endObject()
    }
}
