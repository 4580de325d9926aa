/// Something that is measured, beside a yardstick where it has one.
protocol Scenario: SendableMetatype {
    /// Its place in the table.
    static var number: Int { get }
    /// What it is, in a few words.
    static var title: String { get }

    /// Measures it, in several rounds.
    static func run(_ options: RunOptions) async throws -> [Finding]
}

/// How long something takes, in seconds.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let begun = ContinuousClock.now
    try body()
    return (ContinuousClock.now - begun) / .seconds(1)
}
