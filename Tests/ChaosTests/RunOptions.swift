import Crowd
import Foundation

/// How large a run is, and how long.
struct RunOptions: Sendable {
    /// What it is called.
    var name = "chaos"
    /// How many bridges there are; more than one share a database.
    var bridges = 1
    /// After how long a silence a bridge counts as gone, where there is more than one.
    var lease = Duration.zero
    /// Users who come once and stay.
    var steadyUsers = 0
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
    var faults = Fault.ofOneBridge
    /// Whether the broker logs every packet.
    var logsPackets = false
    /// The broker's port, as soon as it is known.
    var port: UInt16 = 0

    /// The run of one bridge that is asked for.
    static func chaos() -> RunOptions {
        var setting = RunOptions()
        setting.heedEnvironment(faults: Fault.ofOneBridge)
        return setting
    }

    /// The run of three bridges on one database that is asked for: a short one has a handful of faults.
    static func cluster() -> RunOptions {
        var setting = RunOptions()
        setting.name = "cluster"
        setting.bridges = 3
        setting.lease = .seconds(2)
        setting.steadyUsers = 12
        // Two rounds, so that each of the handful has its turn.
        setting.seconds = 20
        setting.faults = Fault.ofShortCluster
        setting.heedEnvironment(faults: Fault.ofCluster)
        return setting
    }

    /// Goes by the environment: `CHAOS_SECONDS` for a long run, `CHAOS_SEED` for its seed.
    ///
    /// To look closer at something, `CHAOS_FAULTS` names the faults, separated by commas, and
    /// `CHAOS_PACKETS=1` has the broker log every packet.
    ///
    /// - Parameter faults: Those of a long run.
    private mutating func heedEnvironment(faults: [Fault]) {
        let environment = ProcessInfo.processInfo.environment
        if let seconds = environment["CHAOS_SECONDS"].flatMap(Int.init) {
            isLong = true
            self.seconds = seconds
            self.faults = faults
            users = 130
            stormSize = 3_000
            actionsPerSecond = 150
            seed = UInt64(Date().timeIntervalSince1970)
        }
        if let seed = environment["CHAOS_SEED"].flatMap(UInt64.init) { self.seed = seed }
        if let names = environment["CHAOS_FAULTS"] {
            self.faults = names.split(separator: ",").compactMap { Fault(rawValue: String($0)) }
        }
        logsPackets = environment["CHAOS_PACKETS"] == "1"
        // A connection of the library has three: its socket, and a pair to wake itself.
        FileLimit.raise()
        let room = (FileLimit.current - 200) / 3 - users * 3
        mostVisitors = max(20, min(mostVisitors, room))
    }

    /// A user's name.
    static func user(_ number: Int) -> String { "user\(number)" }

    /// The name of a user whose devices log in in storms.
    static func visitor(_ number: Int) -> String { "visitor\(number)" }

    /// The name of a user who comes once and stays.
    static func steadyUser(_ number: Int) -> String { "steady\(number)" }

    /// All users' names.
    var everyName: [String] {
        (0..<users).map(Self.user) + (0..<visitingUsers).map(Self.visitor)
            + (0..<steadyUsers).map(Self.steadyUser)
    }
}
