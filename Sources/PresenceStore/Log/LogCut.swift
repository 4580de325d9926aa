/// Which rows of the change log may be cut off: the oldest, as long as they are.
public struct LogCut: Hashable, Sendable {
    /// The last id that may go; what is above it is still wanted, however old it is.
    public var through: Int64
    /// Rows of before this Unix second go.
    public var time: Int64
    /// The most rows that stay, however young the others are.
    public var most: Int64

    /// A cut.
    public init(through: Int64, time: Int64, most: Int64 = .max) {
        self.through = through
        self.time = time
        self.most = most
    }
}
