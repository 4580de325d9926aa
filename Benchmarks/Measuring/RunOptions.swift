/// How a run measures.
struct RunOptions: Sendable {
    /// How often each scenario and its yardstick are measured in turn.
    var rounds = 5
    /// Whether sizes are smaller, so that all scenarios are over in a few minutes.
    var isQuick = false
    /// By how much sizes are divided, for a trial of the bench itself; 1 or more.
    var divisor = 1
    /// Another build of the bridge, with which this one takes turns; `nil` for none.
    var against: BridgeProgram?

    /// The size of something, in a full run and in a quick one; at least 1.
    func size(_ full: Int, quick: Int) -> Int { max(1, (isQuick ? quick : full) / divisor) }
}
