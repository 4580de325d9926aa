import CoreLoad
import Presence
import PresenceAdoption
import PresenceCore

/// The core's hot paths, each with what it needs.
///
/// A path is walked a few times before it is counted, so that tables have grown and nothing is set up.
struct Paths {
    /// One path.
    struct Path {
        /// What it is, without blanks.
        let name: String
        /// Makes ready what is to be counted.
        let prepare: (Paths) -> Work
    }

    /// What is counted: turns of a core, or work on bytes.
    struct Work {
        /// How often the path is walked.
        let repetitions: Int
        fileprivate let body: () -> Void

        fileprivate init(_ repetitions: Int, _ body: @escaping () -> Void) {
            self.repetitions = repetitions
            self.body = body
        }

        func run() { body() }
    }

    /// All of them.
    static var all: [Path] {
        [
            Path(name: "word") { paths in
                paths.states { device in device.isMultiple(of: 2) ? "away" : "busy" }
            },
            Path(name: "renewal") { paths in
                paths.states { device in device.isMultiple(of: 2) ? "away" : "busy" }
            },
            Path(name: "birth") { $0.births() },
            Path(name: "get") { $0.asks("get") { #"{"id":1,"usernames":["user-\#($0)"]}"# } },
            Path(name: "subscribe-100") { $0.asks("subscribe") { "{\(Self.hundred(after: $0))}" } },
            Path(name: "unsubscribe-100") {
                $0.asks("unsubscribe") { "{\(Self.hundred(after: $0))}" }
            },
            Path(name: "fan-out-1000") { $0.fanOut() },
            Path(name: "alarm") { $0.alarms() },
            Path(name: "end") { $0.ends() },
            Path(name: "read-topic") { _ in Self.readsTopics() },
            Path(name: "adopted-birth") { $0.says("Online", from: users) },
            Path(name: "adopted-renewal") { $0.repeats() },
            Path(name: "adopted-end") { $0.says("Offline", from: 500) },
            Path(name: "adopted-gateway-1000") { $0.gatewayDies() },
            Path(name: "read-statement") { _ in Self.reads() },
            Path(name: "read-request") { _ in Self.readsRequests() },
            Path(name: "write-status") { _ in Self.writes() },
        ]
    }

    private static let users = 1_000
    private static let repetitions = 100
    private static let phone = Name(checked: "phone")

    private let bench = Bench()
    private let adopting: Bench

    /// A core with a thousand users, each with a phone online, all of whom watch the first, and one with a
    /// thousand plugs that were adopted, and as many lamps behind a gateway.
    init() throws {
        let lines = try ["tasmota", "zigbee2mqtt"].map { try AdoptionLine($0) }
        adopting = Bench(try AdoptionPlan(lines, topicPrefix: "presence"))
        adopting.turn([.brokerFound])
        adopting.turn([.readingEnded(1)])
        adopting.turn((0..<Self.users).map { Self.plug($0, "Online") })
        adopting.turn([Self.hears("bridge/state", #"{"state":"online"}"#)])
        for lamp in 0..<Self.users {
            adopting.turn([Self.hears("lamp-\(lamp)/availability", #"{"state":"online"}"#)])
        }
        let online = adopting.core.metrics.devicesOnline
        guard online == 2 * Self.users + 1 else {
            throw LoadError("not all that was adopted is online: \(adopting.core.metrics)")
        }
        bench.turn([.brokerFound])
        bench.turn([.readingEnded(1)])
        for user in 0..<Self.users { bench.turn([Self.states(user, "online")]) }
        for user in 1..<Self.users {
            bench.turn([Self.asks(user, "subscribe", #"{"usernames":["user-0"]}"#)])
        }
        guard bench.core.metrics.subscriptions == Self.users - 1 else {
            throw LoadError("not all watch: \(bench.core.metrics)")
        }
    }

    // MARK: - Turns

    private static func name(_ user: Int) -> Name { Name(checked: "user-\(user)") }

    private static func states(_ user: Int, _ word: String) -> Input {
        let payload = #"{"status":"\#(word)","ttl":86400,"session":"c\#(user)"}"#
        return .deviceReported(
            Report(user: name(user), device: phone, payload: Array(payload.utf8))
        )
    }

    private static func asks(_ user: Int, _ operation: String, _ payload: String) -> Input {
        .requestReceived(
            RequestMessage(
                user: name(user),
                device: phone,
                operation: operation,
                payload: Array(payload.utf8)
            )
        )
    }

    /// A hundred users, of whom the next has all but one.
    private static func hundred(after user: Int) -> String {
        let names = (1...100).map { "\"user-\((user + $0) % users)\"" }
        return #""usernames":["# + names.joined(separator: ",") + "]"
    }

    /// What a plug says, as a Tasmota does.
    private static func plug(_ number: Int, _ word: String) -> Input {
        let topic = "tele/plug-\(number)/LWT"
        return .adoptedHeard(
            AdoptedMessage(topic: topic, payload: Array(word.utf8), isFound: false)
        )
    }

    /// What zigbee2mqtt says.
    private static func hears(_ topic: String, _ payload: String) -> Input {
        let topic = "zigbee2mqtt/\(topic)"
        return .adoptedHeard(
            AdoptedMessage(topic: topic, payload: Array(payload.utf8), isFound: false)
        )
    }

    /// Lets ten turns pass with the inputs, of which the first is not counted.
    private func turns(_ inputs: [Input], of bench: Bench? = nil) -> Work {
        let bench = bench ?? self.bench
        let length = inputs.count / 10
        let turns = (0..<10).map { Array(inputs[$0 * length..<($0 + 1) * length]) }
        bench.turn(turns[0])
        return Work(9 * length) {
            for turn in turns[1...] { bench.turn(turn) }
        }
    }

    private func states(_ word: (Int) -> String) -> Work {
        turns((1...Self.repetitions).map { Self.states($0, word($0)) })
    }

    private func births() -> Work {
        turns((1...Self.repetitions).map { Self.states(Self.users + $0, "online") })
    }

    private func asks(_ operation: String, _ payload: (Int) -> String) -> Work {
        turns((1...Self.repetitions).map { Self.asks($0, operation, payload($0)) })
    }

    /// The first user changes, and is told to all.
    private func fanOut() -> Work {
        turns((0..<10).map { Self.states(0, $0.isMultiple(of: 2) ? "away" : "busy") })
    }

    /// Devices log out, and their graces end.
    private func alarms() -> Work {
        let bench = bench
        bench.turn((1...Self.repetitions).map { Self.states(Self.users + $0, "offline") })
        return Work(Self.repetitions) {
            bench.turn([])
        }
    }

    /// Devices say that they go, and the graces of those that said so before end.
    private func ends() -> Work {
        turns((0..<Self.repetitions).map { Self.states(500 + $0, "offline") })
    }

    /// A hundred plugs say a word.
    private func says(_ word: String, from first: Int) -> Work {
        turns((0..<Self.repetitions).map { Self.plug(first + $0, word) }, of: adopting)
    }

    /// A hundred plugs repeat a word that they have just said, so that there is nothing to store.
    private func repeats() -> Work {
        adopting.turn((0..<Self.repetitions).map { Self.plug($0, "Online") })
        return says("Online", from: 0)
    }

    /// A gateway dies, and its grace ends: a thousand lamps go with it.
    private func gatewayDies() -> Work {
        let bench = adopting
        bench.turn([Self.hears("bridge/state", #"{"state":"offline"}"#)])
        return Work(1) { bench.turn([]) }
    }

    // MARK: - Bytes

    private static func reads() -> Work {
        let payload = Array(#"{"status":"away","ttl":600,"session":"c1234"}"#.utf8)
        return Work(repetitions) {
            for _ in 0..<repetitions { _ = try? Statement(reading: payload, longest: 1_024) }
        }
    }

    /// What a device's topic is before the core has it; that of a thing is the core's matter.
    private static func readsTopics() -> Work {
        let topics = Topics()
        return Work(repetitions) {
            for _ in 0..<repetitions {
                _ = topics.meaning(of: "presence/device/user-17/phone")
            }
        }
    }

    private static func readsRequests() -> Work {
        let payload = Array("{\(hundred(after: 0))}".utf8)
        return Work(repetitions) {
            for _ in 0..<repetitions {
                guard let members = try? RequestMembers(readingPayload: payload) else { return }
                _ = try? Request(.get, reading: members)
            }
        }
    }

    private static func writes() -> Work {
        let status = UserStatus(
            username: name(1),
            description: "At lunch until 13:05",
            devices: [DeviceStatus(name: phone, status: .online)],
            since: 1_750_000_000,
            updated: 1_750_000_100,
            seq: 1_750_000_100_000
        )
        return Work(repetitions) {
            for _ in 0..<repetitions { _ = status.payload }
        }
    }
}

/// A core whose turns are as long as everything that a turn sets off.
private final class Bench {
    private(set) var core: PresenceCore
    private var now = Instant(uptime: 1_000_000, unix: 1_750_000_000_000)
    private var effects: [Effect] = []

    init(_ adoption: AdoptionPlan = AdoptionPlan()) {
        var limits = Limits()
        limits.auditInterval = .zero
        core = PresenceCore(limits: limits, adoption: adoption)
    }

    /// One turn, and time for what it sets off.
    func turn(_ inputs: [Input]) {
        now.uptime += 10_000
        now.unix += 10_000
        for input in inputs { core.handle(input, at: now, into: &effects) }
        core.handle(.turnEnded, at: now, into: &effects)
        core.handle(.saved, at: now, into: &effects)
        effects.removeAll(keepingCapacity: true)
    }
}
