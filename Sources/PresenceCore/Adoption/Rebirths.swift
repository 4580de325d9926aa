/// Which Sparkplug nodes are asked for their birth: those of which data comes and no birth was heard, once a minute each.
struct Rebirths: Sendable {
    /// The time between two questions to one node, in milliseconds.
    static let pause: Int64 = 60_000
    /// The most nodes that are remembered.
    static let most = 100_000

    private var born: Set<String> = []
    /// When each was asked last, in milliseconds of uptime.
    private var asked: [String: Int64] = [:]

    /// A connection is made: births may have been missed.
    mutating func connect() { born = [] }

    mutating func hearBirth(of node: String) {
        if born.count < Self.most { born.insert(node) }
    }

    mutating func hearDeath(of node: String) { born.remove(node) }

    /// Data of a node has come; returns whether it is to be asked for its birth.
    mutating func hearData(of node: String, at uptime: Int64) -> Bool {
        guard !born.contains(node) else { return false }
        if let last = asked[node], uptime - last < Self.pause { return false }
        if asked.count >= Self.most { asked = asked.filter { uptime - $0.value < Self.pause } }
        guard asked.count < Self.most else { return false }
        asked[node] = uptime
        return true
    }
}
