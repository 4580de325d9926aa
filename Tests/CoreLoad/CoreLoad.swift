import Chance
import Presence
import PresenceCore

/// A core, and what comes in: turns of inputs that a seed determines.
///
/// Whatever the number of users, each does as much in simulated time: a phone speaks every twenty
/// seconds. So with a thousand users a turn of two hundred inputs stands for four seconds, with a
/// million for four milliseconds, and alarms, graces and intervals cost an input the same share.
package struct CoreLoad: Sendable {
    /// How many inputs a turn has.
    package static let turnLength = 200
    /// How many users each one watches, and how many watch each one on average.
    package static let watched = 10

    /// How the bridge marks what it writes to device topics.
    private static let bridgeID = "bridge"

    /// The core.
    package private(set) var core: PresenceCore
    private var people: Population
    private var random: SeededNumbers
    private var now = Instant(uptime: 1_000_000, unix: 1_750_000_000_000)
    /// What a turn adds, which may be a part of a millisecond, in microseconds.
    private let pause: Int64
    private var micros: Int64 = 0
    private var nextRenewal = 0
    /// Who has subscribed to whom, to be taken back, the first first.
    private var subscribed: [(device: Int, users: [Int])] = []
    private var firstSubscribed = 0
    private var requests: Int64 = 0
    /// The bridge's own writes to device topics, which come back.
    private var echoes: [Report] = []
    /// What was handed out: messages of events, and the bytes of all messages.
    package private(set) var events = 0
    package private(set) var bytes = 0

    /// A core that serves so many users.
    package init(users: Int, seed: UInt64 = 1) throws(LoadError) {
        var limits = Limits()
        // Its readings would be a share of the inputs that depends on how fast time goes on.
        limits.auditInterval = .zero
        core = PresenceCore(limits: limits, bridgeID: Self.bridgeID)
        people = Population(users: users)
        random = SeededNumbers(seed: seed)
        // Seven tenths of the inputs are renewals, by the phones, half of which are online.
        let perSecond = Double(users) / 2 / 20 / 0.7
        pause = Int64(Double(Self.turnLength) / perSecond * 1_000_000)
        try people.fill(&core, watched: Self.watched, until: now, &random)
        for _ in 0..<Self.turnLength * 2 { prepareUnsubscribe() }
    }

    /// Lets so many turns pass; returns how many seconds on a processor each input took.
    package mutating func run(turns: Int, of mix: InputMix) throws(LoadError) -> Double {
        var elapsed = 0.0
        var effects: [Effect] = []
        let before = core.metrics
        for _ in 0..<turns {
            var inputs = echoes.map(Input.deviceReported)
            echoes = []
            for _ in 0..<Self.turnLength { inputs.append(input(mix.draw(&random))) }
            micros += pause
            now.uptime += micros / 1_000
            now.unix += micros / 1_000
            micros %= 1_000
            let begun = Processor.seconds
            turn(inputs, &effects)
            elapsed += Processor.seconds - begun
        }
        guard core.metrics.errors == before.errors else {
            throw LoadError("\(core.metrics.errors - before.errors) inputs were refused")
        }
        return elapsed / Double(turns * Self.turnLength)
    }

    /// One turn of the shell; apart, so that a profiler can tell it from the making of the inputs.
    @inline(never)
    private mutating func turn(_ inputs: [Input], _ effects: inout [Effect]) {
        for input in inputs { core.handle(input, at: now, into: &effects) }
        core.handle(.turnEnded, at: now, into: &effects)
        core.handle(.saved, at: now, into: &effects)
        for effect in effects { consume(effect) }
        effects.removeAll(keepingCapacity: true)
    }

    /// What the shell does with an effect, short of sending it.
    private mutating func consume(_ effect: Effect) {
        switch effect {
        case .notify(let watchers, let payload):
            events += watchers.count
            bytes += watchers.count * payload.count
        case .retain(.device(let user, let device), let payload):
            bytes += payload.count
            echoes.append(
                Report(user: user, device: device, payload: payload, by: Self.bridgeID)
            )
        case .retain(_, let payload): bytes += payload.count
        case .reply(let reply): bytes += reply.payload.count
        case .save, .read, .clear, .serve, .mark, .askForStated, .answer, .recall, .log: break
        case .command, .listen, .stopListening: break
        }
    }
}

// MARK: - Inputs

extension CoreLoad {
    private mutating func input(_ kind: InputMix.Kind) -> Input {
        switch kind {
        case .renewal: renewal()
        case .word: word()
        case .birth: birth()
        case .end: end()
        case .get: request("get", people.online.draw(&random), users(1))
        case .brief: request("get", people.online.draw(&random), users(20), #","brief":true"#)
        case .publish: publish()
        case .subscribe: subscribe()
        case .unsubscribe: unsubscribe()
        }
    }

    /// One phone after the other.
    private mutating func renewal() -> Input {
        var device: Int
        repeat {
            nextRenewal += 1
            if nextRenewal >= people.online.members.count { nextRenewal = 0 }
            device = Int(people.online.members[nextRenewal])
        } while !people.devices[device].isPhone
        return .deviceReported(people.report(device, people.statement(device)))
    }

    private mutating func word() -> Input {
        let device = people.online.draw(&random)
        let other = Int.random(in: 1..<Population.words.count, using: &random)
        people.devices[device].word =
            (people.devices[device].word + other) % Population.words.count
        return .deviceReported(people.report(device, people.statement(device)))
    }

    private mutating func birth() -> Input {
        let device = people.offline.draw(&random)
        people.offline.remove(device)
        people.online.insert(device)
        people.devices[device].word = 0
        people.devices[device].session = (people.devices[device].session + 1) % 64
        return .deviceReported(people.report(device, people.statement(device)))
    }

    private mutating func end() -> Input {
        let device = people.online.draw(&random)
        people.online.remove(device)
        people.offline.insert(device)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return renewal()  // It falls silent, and its ttl runs out.
        case 1...4: return .deviceReported(people.report(device, people.will(device)))
        default: return .deviceReported(people.report(device, Array("offline".utf8)))
        }
    }

    private mutating func publish() -> Input {
        let texts = ["", "At lunch until 13:05", "In a meeting, \\\"do\\\" call", "Grüße aus Köln"]
        let text = texts[Int.random(in: texts.indices, using: &random)]
        return request("publish", people.online.draw(&random), #""description":"\#(text)""#)
    }

    private mutating func subscribe() -> Input {
        let (device, users) = prepareUnsubscribe()
        return request("subscribe", device, names(users), #","expiry":86400"#)
    }

    private mutating func unsubscribe() -> Input {
        if firstSubscribed == subscribed.count { prepareUnsubscribe() }
        let (device, users) = subscribed[firstSubscribed]
        firstSubscribed += 1
        return request("unsubscribe", device, names(users))
    }

    @discardableResult
    private mutating func prepareUnsubscribe() -> (device: Int, users: [Int]) {
        let users = (0..<3).map { _ in people.names.indices.randomElement(using: &random) ?? 0 }
        subscribed.append((people.online.draw(&random), users))
        return (subscribed[subscribed.count - 1].device, users)
    }

    private mutating func users(_ count: Int) -> String {
        names((0..<count).map { _ in Int.random(in: people.names.indices, using: &random) })
    }

    private func names(_ users: [Int]) -> String {
        #""usernames":["# + users.map { "\"\(people.names[$0])\"" }.joined(separator: ",") + "]"
    }

    private mutating func request(
        _ operation: String,
        _ device: Int,
        _ members: String,
        _ more: String = ""
    ) -> Input {
        requests += 1
        return .requestReceived(
            RequestMessage(
                user: people.user(device),
                device: people.devices[device].name,
                operation: operation,
                payload: Array(#"{"id":\#(requests),\#(members)\#(more)}"#.utf8)
            )
        )
    }
}
