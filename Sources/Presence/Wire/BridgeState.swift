/// What the bridge retains of itself.
public struct BridgeState: Hashable, Sendable {
    /// The version of the protocol that this software speaks.
    public static let protocolVersion: Int64 = 1

    /// The will, and what a bridge that ends in order leaves: while this stands, statuses may be
    /// stale.
    public static let offline = Array(#"{"state":"offline"}"#.utf8)

    /// Whether what is retained of a bridge says that it is away.
    public static func isOffline(_ payload: [UInt8]) -> Bool {
        guard case .object(let object)? = try? JSONValue(parsing: payload) else { return false }
        return object["state"]?.string == "offline"
    }

    /// The version of the software.
    public var version: String
    /// The Unix second at which the bridge started.
    public var started: Int64
    /// Rises with every restart of the broker.
    public var epoch: Int64
    /// How many seconds a device has to state something after a restart of the broker.
    public var grace: Int64

    /// The state of a bridge that serves.
    public init(version: String, started: Int64, epoch: Int64, grace: Int64) {
        self.version = version
        self.started = started
        self.epoch = epoch
        self.grace = grace
    }

    /// The state as a JSON object.
    public var payload: [UInt8] {
        var json = JSONWriter(reserving: 128)
        json.beginObject()
        json.member("state", "online")
        json.member("version", version)
        json.member("protocol", Self.protocolVersion)
        json.member("started", started)
        json.member("epoch", epoch)
        json.member("grace", grace)
        json.endObject()
        return json.bytes
    }

    /// Reads what a bridge retains while it serves; `nil` for anything else, such as its will.
    public init?(reading payload: [UInt8]) {
        guard case .object(let object)? = try? JSONValue(parsing: payload),
            object["state"]?.string == "online", let started = object["started"]?.integer,
            let epoch = object["epoch"]?.integer, let grace = object["grace"]?.integer
        else { return nil }
        self.init(
            version: object["version"]?.string ?? "",
            started: started,
            epoch: epoch,
            grace: grace
        )
    }
}
