import CoreLoad

/// Repeats the core's hot paths for callgrind, which counts the instructions of each.
///
/// `scripts/counts.sh` does that. With `mix`, or the kind of an input, and the numbers of users and of
/// turns it lets a load pass, to be looked at by a profiler.
@main
struct CoreCounts {
    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count > 1 {
            try load(arguments[1], arguments.dropFirst(2).compactMap { Int($0) })
        } else {
            let paths = try Paths()
            for path in Paths.all {
                let work = path.prepare(paths)
                print(path.name, measure(work))
            }
        }
    }

    /// What callgrind looks at: it collects in here, and writes down its counts at the end.
    ///
    /// That it returns something makes that there is an end, and no jump to what it calls.
    @inline(never)
    private static func measure(_ work: Paths.Work) -> Int {
        work.run()
        return work.repetitions
    }

    private static func load(_ kind: String, _ numbers: [Int]) throws {
        var load = try CoreLoad(users: numbers.first ?? 1_000)
        let turns = numbers.dropFirst().first ?? 100
        let cost = try load.run(
            turns: turns,
            of: InputMix.Kind(rawValue: kind).map { InputMix([$0: 1]) } ?? .usual
        )
        let inputs = Double(turns * CoreLoad.turnLength)
        print("\(Int(cost * 1e9)) ns an input,", "\(Double(load.events) / inputs) events")
    }
}
