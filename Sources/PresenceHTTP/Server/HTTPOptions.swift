/// How the HTTP side is run.
public struct HTTPOptions: Hashable, Sendable {
    /// Where it listens.
    public var address: ListenAddress
    /// The most connections at one time; more wait until one of them ends.
    public var connections: Int
    /// Within which a client must have sent a whole request, and must have taken what it was answered.
    public var patience: Duration

    /// - Parameter patience: half a minute, unless a test says otherwise.
    public init(
        _ address: ListenAddress,
        connections: Int = 1_000,
        patience: Duration = .seconds(30)
    ) {
        self.address = address
        self.connections = connections
        self.patience = patience
    }
}
