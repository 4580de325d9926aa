/// A filter of an MQTT subscription (MQTT 5, section 4.7).
public struct TopicFilter: Hashable, Sendable {
    /// The filter as it is subscribed to.
    public let text: String
    /// The quality of service that is asked for.
    public let qos: UInt8

    /// A filter, or a single topic.
    public init(_ text: String, qos: UInt8 = 0) {
        self.text = text
        self.qos = qos
    }

    /// What the bridge's user needs in the access control list of mosquitto.
    public var accessLine: String { "topic read \(text)" }

    private var levels: [Substring] {
        text.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// Whether some topic matches both: a broker may then deliver its messages twice.
    func overlaps(_ other: TopicFilter) -> Bool {
        guard mayBegin(other) else { return false }
        let (mine, theirs) = (levels, other.levels)
        for (one, two) in zip(mine, theirs) {
            if one == "#" || two == "#" { return true }
            if one != "+", two != "+", one != two { return false }
        }
        if mine.count == theirs.count { return true }
        // `a/#` matches `a`, too.
        let (short, long) = mine.count < theirs.count ? (mine, theirs) : (theirs, mine)
        return long.count == short.count + 1 && long.last == "#"
    }

    /// Whether every topic that matches the other one matches this one.
    public func covers(_ other: TopicFilter) -> Bool {
        guard mayBegin(other) else { return false }
        let (mine, theirs) = (levels, other.levels)
        for (place, level) in mine.enumerated() {
            if level == "#" { return true }
            guard place < theirs.count, theirs[place] != "#" else { return false }
            if level != "+", level != theirs[place] { return false }
        }
        return mine.count == theirs.count
    }

    /// A wildcard at the beginning matches no topic that begins with `$` (MQTT 5, section 4.7.2).
    private func mayBegin(_ other: TopicFilter) -> Bool {
        let (mine, theirs) = (levels[0], other.levels[0])
        if mine == "+" || mine == "#" { return !theirs.hasPrefix("$") }
        if theirs == "+" || theirs == "#" { return !mine.hasPrefix("$") }
        return true
    }
}
