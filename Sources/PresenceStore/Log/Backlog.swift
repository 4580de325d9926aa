import Presence

/// What of the change log waits for one receiver, and how much of it may.
public struct Backlog: Hashable, Sendable {
    /// The kinds of change that are for the receiver.
    public var kinds: Set<LoggedChange.Kind>
    /// Of changes of before this Unix second each user's newest alone waits.
    public var time: Int64
    /// The most changes that wait: beyond that each user's newest alone does, and then the oldest do no more.
    public var most: Int64

    /// The bounds of what waits for a receiver.
    public init(of kinds: Set<LoggedChange.Kind>, time: Int64, most: Int64) {
        self.kinds = kinds
        self.time = time
        self.most = most
    }
}
