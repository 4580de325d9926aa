/// How much is measured.
struct RunSize: Hashable, Sendable {
    /// How often each scenario and its yardstick are measured in turn.
    var rounds = 5
    /// Whether sizes are smaller, so that all scenarios are over in two minutes.
    var isQuick = false

    /// The size of something, in a full run and in a quick one.
    func size(_ full: Int, quick: Int) -> Int { isQuick ? quick : full }
}

/// Something that is measured beside a yardstick.
protocol Scenario: SendableMetatype {
    /// Its place in the table.
    static var number: Int { get }
    /// What it is, in a few words.
    static var title: String { get }

    /// Measures it, in several rounds.
    static func run(_ runSize: RunSize) async throws -> [Finding]
}

/// How long something takes, in seconds.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let begun = ContinuousClock.now
    try body()
    return (ContinuousClock.now - begun) / .seconds(1)
}
