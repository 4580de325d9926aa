import CoreLoad

/// Repeats one of the core's hot paths, or a mix of all inputs, for a profiler that counts.
@main
struct CoreCounts {
    static func main() throws {
        let arguments = CommandLine.arguments
        let number = { (place: Int) in arguments.count > place ? Int(arguments[place]) : nil }
        var load = try CoreLoad(users: number(2) ?? 1_000)
        let turns = number(3) ?? 100
        let mix = Mix.Kind(rawValue: arguments.dropFirst().first ?? "").map { Mix([$0: 1]) }
        let cost = try load.run(turns: turns, of: mix ?? .usual)
        let inputs = Double(turns * CoreLoad.turnLength)
        print("\(Int(cost * 1e9)) ns an input,", "\(Double(load.events) / inputs) events")
    }
}
