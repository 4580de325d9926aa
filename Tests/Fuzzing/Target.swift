/// Something that is fuzzed: how its inputs are drawn, and what must hold for every one of them.
public protocol Target: Sendable {
    /// What it is called on the command line and in the names of cases.
    var name: String { get }

    /// Draws an input.
    func draw(_ dice: inout Dice) -> Case

    /// Runs an input, and says in words which rules were broken.
    ///
    /// - Parameter reached: gets the names of the places that the input came to.
    func judge(_ input: Case, reached: inout Set<String>) -> [String]
}

extension Target {
    /// Runs an input, and says in words which rules were broken.
    public func judge(_ input: Case) -> [String] {
        var reached: Set<String> = []
        return judge(input, reached: &reached)
    }

    /// The input that a seed stands for.
    public func input(seed: UInt64) -> Case {
        var dice = Dice(seed: seed)
        return draw(&dice)
    }

    /// Draws an input and judges it; a broken rule comes with the smallest input that breaks it.
    public func finding(seed: UInt64) -> Finding? {
        CrashReport.note("\(name) seed \(seed)")
        let input = input(seed: seed)
        guard let complaint = judge(input).first else { return nil }
        let smallest = Minimiser(budget: 2_000).smallest(input) { !judge($0).isEmpty }
        return Finding(
            target: name,
            seed: seed,
            complaint: judge(smallest).first ?? complaint,
            input: smallest
        )
    }
}

/// A rule that an input broke.
public struct Finding: Sendable, CustomStringConvertible {
    /// The target's name.
    public var target: String
    /// The seed of the input as it was drawn.
    public var seed: UInt64
    /// Which rule, in words.
    public var complaint: String
    /// The smallest input that breaks a rule.
    public var input: Case

    /// What a person wants to see of it.
    public var description: String {
        "\(target), seed \(seed): \(complaint)\n\(input.text)"
    }
}

/// All that is fuzzed.
public enum Targets {
    /// Each of the targets.
    public static let all: [any Target] = [
        ServiceTarget(), TopicTarget(), ConfigurationTarget(), StoreTarget(), JournalTarget(),
        PluginTarget(), ClientTarget(), CallTarget(),
    ]
}
