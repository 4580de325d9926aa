/// What is wrong with an option, in words for the broker's log.
public struct OptionFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key as it was given, without `plugin_opt_`.
    public let key: String
    /// What was given for it; `nil` when nothing was, and should have been.
    public let value: String?
    /// What is right.
    public let right: String

    /// One line that names the key, the value, and what is right.
    public var description: String {
        let given = value.map { "is \"\($0)\"" } ?? "is missing"
        return "plugin_opt_\(key) \(given): \(right)"
    }
}
