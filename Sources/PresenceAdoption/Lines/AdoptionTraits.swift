/// What whoever hears adopted topics must know of a rule.
public struct AdoptionTraits: Hashable, Sendable {
    /// The number of the line, from 0.
    public let line: Int
    /// The kind, for the log.
    public let kind: String
    /// Whether messages are about a thing that is a device.
    public let isThing: Bool
    /// Whether it is the topic that its thing is known by.
    public let isMain: Bool
    /// Whether what is found retained is the last word.
    public let isRetained: Bool
    /// Whether a thing must speak anew when its gateway is back.
    public let startsAnew: Bool
    /// Whether it says that a thing is not well; while it is, nothing is retained there.
    public let isError: Bool
    /// Whether another topic of the line says which gateway a thing stands behind.
    public internal(set) var mayHang = false
    /// Whether another topic of the line says that a thing is not well.
    public internal(set) var hasErrors = false
    /// Whether messages describe things, and say on which other topics those are heard.
    public let describes: Bool
    /// For how long a word or a sign of life holds, in milliseconds.
    public let ttl: Int64?

    init(_ rule: AdoptionRule) {
        line = rule.line
        kind = rule.kind
        isThing = rule.isThing
        isMain = rule.isMain
        isRetained = rule.isRetained
        startsAnew = rule.startsAnew
        isError = rule.isError
        describes = rule.describes
        ttl = rule.ttl
    }
}
