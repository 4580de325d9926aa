/// When the bridge was there to hear what was said, as the world knows it.
struct Attention {
    /// How long the bridge may take for what came, in milliseconds.
    static let patience: Int64 = 3_000

    /// Since when the bridge serves without trouble, and while it did not, in milliseconds of uptime.
    private var troubles: [ClosedRange<Int64>] = []
    private var troubleSince: Int64?
    /// Since when the broker runs.
    private(set) var brokerStarted: Int64 = 0
    /// Since when the bridge has its epoch, from which on everybody must have said something.
    private(set) var epoch: (number: Int64, since: Int64) = (0, 0)

    /// From now on the bridge may miss what is not retained.
    mutating func troubleBegan(at uptime: Int64) { troubleSince = troubleSince ?? uptime }

    private mutating func troubleEnded(at uptime: Int64) {
        guard let begun = troubleSince else { return }
        troubles.append(begun...max(begun, uptime))
        troubleSince = nil
    }

    /// For a while the bridge may have missed what is not retained, and goes on.
    mutating func troubled(_ range: ClosedRange<Int64>) { troubles.append(range) }

    mutating func brokerStarted(at uptime: Int64) { brokerStarted = uptime }

    /// The bridge serves under an epoch.
    mutating func served(epoch number: Int64, at uptime: Int64) {
        troubleEnded(at: uptime)
        if number != epoch.number { epoch = (number, uptime) }
    }

    /// Whether the bridge may have missed what came within a range.
    func isTroubled(_ range: ClosedRange<Int64>) -> Bool {
        if range.upperBound == .max { return true }
        if let troubleSince, troubleSince <= range.upperBound { return true }
        return troubles.contains { $0.overlaps(range) }
    }

    /// Whether the bridge may have missed what came at a moment.
    func mayMiss(_ uptime: Int64) -> Bool { isTroubled(uptime...(uptime + Self.patience)) }

    /// When the troubles ended that began at a time or later, each with its beginning, in their order.
    func troubles(since uptime: Int64) -> [ClosedRange<Int64>] {
        troubles.filter { $0.upperBound >= uptime }.sorted { $0.lowerBound < $1.lowerBound }
    }
}
