import Chance
import Crowd

/// What is done in each round, and when: all from a seed.
///
/// Every fault has its turn before one comes again, so that a run of some rounds has them all.
struct Script {
    /// A fault and its time, counted from the beginning of its round.
    struct Step: Sendable {
        let fault: Fault
        let begins: Duration
        let lasts: Duration
        /// For what else the fault has to choose.
        let choice: UInt64
    }

    private var random: SeededNumbers
    private var bag: [Fault] = []
    private let kinds: [Fault]

    init(seed: UInt64, kinds: [Fault] = Fault.ofOneBridge) {
        random = SeededNumbers(seed: seed)
        self.kinds = kinds
    }

    /// The steps of the next round.
    mutating func round(of count: ClosedRange<Int>) -> [Step] {
        var steps: [Step] = []
        var time = random.duration(0...0.5)
        for _ in 0..<Int.random(in: count, using: &random) {
            let fault = draw()
            if fault.isAlone && !steps.isEmpty
                || steps.contains(where: { fault.isTooMuch(with: $0.fault) })
            {
                bag.append(fault)
                break
            }
            let lasts = random.duration(fault.lasts)
            steps.append(
                Step(fault: fault, begins: time, lasts: lasts, choice: random.next())
            )
            if fault.isAlone { break }
            time += random.chance(0.3) ? .zero : random.duration(0...1.2)
        }
        return steps
    }

    private mutating func draw() -> Fault {
        if bag.isEmpty { bag = kinds.shuffled(using: &random) }
        return bag.removeLast()
    }
}
