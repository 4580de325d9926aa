import Presence

/// Which rows of the change log are kept no more: the oldest, as long as they are; and which of those are
/// still wanted by webhooks.
public struct LogCut: Hashable, Sendable {
    /// The last id that may go; what is above it stays, however old it is.
    public var through: Int64
    /// Rows of before this Unix second are not kept.
    public var time: Int64
    /// The most rows that are kept, however young the others are.
    public var most: Int64
    /// What of the rest the receivers of webhooks still want.
    public var wanted: Wanted

    /// A cut.
    public init(through: Int64, time: Int64, most: Int64 = .max, wanted: Wanted = .nothing) {
        self.through = through
        self.time = time
        self.most = most
        self.wanted = wanted
    }

    /// What the receivers of all webhooks together still want.
    public struct Wanted: Hashable, Sendable {
        /// All of them have everything through this id.
        public var taken: Int64
        /// What follows ``taken`` is wanted through this id, all of it.
        public var held: Int64
        /// What follows ``held`` through this id is skipped by all who have not taken it.
        public var passed: Int64
        /// Of what follows ``held`` through this id each user's newest change is wanted alone.
        public var condensed: Int64
        /// The kinds that any of them wants.
        public var kinds: Set<LoggedChange.Kind>

        /// Where there are no webhooks.
        public static let nothing = Wanted(of: [], for: [])

        /// What those at some positions want.
        public init(
            of kinds: Set<LoggedChange.Kind>,
            for positions: some Collection<WebhookPosition>
        ) {
            self.kinds = kinds
            taken = positions.lazy.map(\.taken).min() ?? .max
            let end = positions.lazy.map(\.condensed).min() ?? 0
            // Whoever has taken all of that wants nothing of it.
            let behind = positions.filter { $0.taken < end }
            condensed = end
            held = behind.lazy.map(\.held).max() ?? end
            passed = behind.lazy.map(\.passed).min() ?? 0
        }
    }
}
