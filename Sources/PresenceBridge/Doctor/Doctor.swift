import Presence

/// Looks for what people get wrong about the broker, its rights and the bridge's own files.
///
/// It connects as the bridge does, under a client id of its own, beside a bridge that runs or
/// before its first start. What it publishes goes to topics that no bridge takes for anything, is
/// not retained but for a moment where that is what is tried, and it changes nothing in the
/// store.
public struct Doctor {
    /// What it is told beside the bridge's own configuration.
    public struct Options: Hashable, Sendable {
        /// A user whose rights are tried, and the password.
        public var user: String?
        /// The password of ``user``.
        public var password: String?
        /// Another user, on whose topics ``user`` must not write.
        public var other: String?
        /// How many messages must have room in the broker's queue for one client; `nil` for 5,000,
        /// and none where a bridge serves.
        public var queue: Int?
        /// The broker's own configuration file, where it lies on this machine.
        public var brokerFile: String?

        /// Nothing but the bridge's own configuration.
        public init() {}
    }

    /// How many messages can be asked for.
    public static let queues: ClosedRange<Int> = 1...50_000

    /// Whether somebody can be called so.
    public static func isUser(_ name: String) -> Bool { Name(user: name) != nil }

    private let examination: Examination

    /// Prepares it; nothing is done yet.
    public init(_ configuration: Configuration, _ options: Options = Options()) {
        examination = Examination(configuration, options)
    }

    /// Makes all checks.
    ///
    /// Takes seconds, also where nobody answers. What was connected and opened is closed by the
    /// end.
    ///
    /// - Parameter tell: called with each finding as it is made.
    /// - Returns: all of them.
    @discardableResult
    public func examine(_ tell: (Finding) -> Void = { _ in }) -> [Finding] {
        defer { examination.leave() }
        return Check.all.compactMap { check in
            let finding = check.finding(examination)
            if let finding { tell(finding) }
            return finding
        }
    }
}
