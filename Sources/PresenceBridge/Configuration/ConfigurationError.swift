/// Everything that is wrong with a configuration; the bridge does not start with it.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in the order in which it was found: file, environment, flags, and then what
    /// only the whole shows.
    public let problems: [Problem]

    /// One line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }

    /// One thing that is wrong.
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// Where it stands: `bridge.conf:12`, `environment` or `flag`.
        public let place: String
        /// The key as it is spelled there, or `nil` when it is no key that is wrong.
        public let key: String?
        /// What is wrong, and what is right.
        public let message: String

        /// `bridge.conf:12: max_devices: '0' is out of range; allowed: 1 to 10000 devices`.
        public var description: String {
            [place, key, message].compactMap(\.self).joined(separator: ": ")
        }
    }
}
