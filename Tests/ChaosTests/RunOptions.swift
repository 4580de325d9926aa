import Crowd
import Foundation

/// How large a run is, and how long.
struct RunOptions: Sendable {
    /// What everything random follows from.
    var seed: UInt64 = 2
    /// For how long rounds are begun.
    var seconds = 12
    /// Whether it is a long run, which was asked for.
    var isLong = false
    /// Users with one to three devices each.
    var users = 50
    /// Users whose devices log in in storms.
    var visitingUsers = 60
    /// How many log in in a storm.
    var stormSize = 2_000
    /// How many of them may be connected at once.
    var mostVisitors = 300
    /// What all users together do.
    var actionsPerSecond = 80
    /// What is done to the service.
    var faults = Fault.allCases
    /// Whether the broker logs every packet.
    var logsPackets = false
    /// The broker's port, as soon as it is known.
    var port: UInt16 = 0

    /// The run that is asked for: `CHAOS_SECONDS` for a long one, `CHAOS_SEED` for its seed.
    ///
    /// To look closer at something, `CHAOS_FAULTS` names the faults, separated by commas, and
    /// `CHAOS_PACKETS=1` has the broker log every packet.
    static func fromEnvironment() -> RunOptions {
        let environment = ProcessInfo.processInfo.environment
        var setting = RunOptions()
        if let seconds = environment["CHAOS_SECONDS"].flatMap(Int.init) {
            setting.isLong = true
            setting.seconds = seconds
            setting.users = 130
            setting.stormSize = 3_000
            setting.actionsPerSecond = 150
            setting.seed = UInt64(Date().timeIntervalSince1970)
        }
        if let seed = environment["CHAOS_SEED"].flatMap(UInt64.init) { setting.seed = seed }
        if let names = environment["CHAOS_FAULTS"] {
            setting.faults = names.split(separator: ",").compactMap { Fault(rawValue: String($0)) }
        }
        setting.logsPackets = environment["CHAOS_PACKETS"] == "1"
        // A connection of the library has three: its socket, and a pair to wake itself.
        FileLimit.raise()
        let room = (FileLimit.current - 200) / 3 - setting.users * 3
        setting.mostVisitors = max(20, min(setting.mostVisitors, room))
        return setting
    }

    /// A user's name.
    static func user(_ number: Int) -> String { "user\(number)" }

    /// The name of a user whose devices log in in storms.
    static func visitor(_ number: Int) -> String { "visitor\(number)" }

    /// All users' names.
    var everyName: [String] {
        (0..<users).map(Self.user) + (0..<visitingUsers).map(Self.visitor)
    }
}
