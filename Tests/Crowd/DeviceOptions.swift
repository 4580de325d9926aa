/// Where a device of a crowd connects to, as whom, and how it behaves.
public struct DeviceOptions: Sendable {
    /// Who logs in; the password is the same.
    public var user: String
    /// The name of the device, unique within the user.
    public var device: String
    /// The broker's address.
    public var host = "127.0.0.1"
    /// The broker's port.
    public var port: UInt16
    /// The keep-alive in seconds.
    public var keepAlive: UInt16 = 5
    /// Whether its statements and its will name the connection, which then has a client identifier
    /// of its own; else every connection of the device has the same one.
    public var hasSessions = false
    /// The promise to state something again within so many seconds; it does so three times as often.
    public var ttl: Int?
    /// How long it waits at most before it connects again.
    public var longestPause = Duration.seconds(2)
    /// How long it waits for an answer before it asks again.
    public var patience = Duration.milliseconds(1_500)
    /// What is added to its birth, to make it larger.
    public var padding = 0

    /// A device that names no session and makes no promise.
    public init(user: String, device: String, port: UInt16) {
        self.user = user
        self.device = device
        self.port = port
    }

    /// The topic of its statements.
    public var deviceTopic: String { "presence/device/\(user)/\(device)" }
    /// The topic of the answers to it.
    public var responseTopic: String { "presence/response/\(user)/\(device)" }
}
