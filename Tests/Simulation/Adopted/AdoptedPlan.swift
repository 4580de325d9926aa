import PresenceCore

/// What is adopted in a run: which programs there are, and what goes wrong with them.
package struct AdoptedPlan: Sendable {
    /// A program that runs.
    struct Source: Sendable {
        var program: AdoptedProgram
        var name: String
        var things: [AdoptedThing]
    }

    let sources: [Source]
    let faults: Set<Fault>
    /// The `adopt` lines.
    let lines: [String]

    var things: [AdoptedThing] { sources.flatMap(\.things) }

    /// How many adopted things a user has at most who has devices of its own, too.
    let beside: Int

    /// Draws programs with dice of their own, so that all else goes as it would without them.
    init(seed: UInt64) {
        var dice = Dice(seed: seed, part: "plan of what is adopted")
        let share = dice.pick([30, 60, 100])
        faults = Set(Fault.allCases.filter { $0.isOfAdopted && dice.chance(share) })
        // Some belong to a user who has devices, too.
        let user: String? = dice.chance(30) ? "u1" : nil
        var drawn: [(AdoptedProgram, String, [String])] = []
        for number in 1...dice.count(1...2) { drawn.append((.plug, "p\(number)", [])) }
        if dice.chance(60) { drawn.append((.homie, "pump", [])) }
        if dice.chance(80) {
            let lamps = (1...dice.count(1...3)).map { "lamp\($0)" }
            drawn.append((.gateway, "z", lamps))
        }
        if dice.chance(50) { drawn.append((.hue, "h", [])) }
        if dice.chance(50) { drawn.append((.home, "a", [])) }
        if dice.chance(50) { drawn.append((.cell, "c1", [])) }
        if dice.chance(60) { drawn.append((.weather, "roof", [])) }
        sources = drawn.map { program, name, lamps in
            let isTasmota = program == .plug || program == .cell
            // The first plug is called as the user is.
            let name = user != nil && name == "p1" ? "u1" : name
            let owner = isTasmota && user != nil ? name : nil
            return Source(
                program: program,
                name: name,
                things: program.things(name, behind: lamps, user: owner)
            )
        }
        beside = user == nil ? 0 : 1
        var lines: [String] = []
        for source in sources {
            let line = source.program.line(user)
            if !lines.contains(line) { lines.append(line) }
        }
        self.lines = lines
    }
}

extension Fault {
    /// Whether it strikes adopted programs alone.
    var isOfAdopted: Bool {
        switch self {
        case .thingKilled, .thingPartitioned, .thingTakenOver, .thingSilent, .wordGarbled: true
        default: false
        }
    }
}
