import Chance
import Crowd
import Foundation
import Mosquitto

/// What the users do: a random walk over the protocol.
///
/// Each user has a few devices, the first of which does the asking. The walk knows nothing of
/// faults; what is true at any time is what its devices have said and were acknowledged.
final class RandomWalk: Member {
    /// Nobody's.
    let connection: Connection? = nil

    private static let words = [
        "online", "away", "busy", "dnd", "idle", "xa", "sleeping", "coffee", "invisible", "zz-top",
    ]

    let ledger = SharedTally()
    let members: Members
    let setting: RunOptions
    /// The devices of each user.
    private(set) var users: [String: [Device]] = [:]
    private(set) var names: [String] = []
    /// Those who log in in storms, and have not gone again.
    var visitors: [Device] = []
    var storm = Storm()
    /// The devices of those who come once and stay.
    var steady: [String: [Device]] = [:]
    /// Who has served, where there is more than one bridge.
    var tenures = Tenures()
    var statusHistory = StatusHistory()
    var random: SeededNumbers
    /// What each user has said of itself, acknowledged.
    var descriptions: [String: String] = [:]
    /// Whether the users do anything.
    var isWalking = false

    private var returns: [(time: ContinuousClock.Instant, device: Device)] = []
    private var lastAction = ContinuousClock.now
    private var lastDescription = 0

    init(_ setting: RunOptions, ports: [UInt16], seed: UInt64, in members: Members) {
        self.members = members
        self.setting = setting
        random = SeededNumbers(seed: seed)
        for number in 0..<setting.users {
            let user = RunOptions.user(number)
            names.append(user)
            for place in 0..<Int.random(in: 1...3, using: &random) {
                var options = DeviceOptions(user: user, device: "d\(place)", port: ports[0])
                if random.chance(0.3) { options.port = ports[1] }
                options.hasSessions = random.chance(0.4)
                if random.chance(0.2) { options.ttl = Int.random(in: 5...9, using: &random) }
                let device = Device(
                    options,
                    in: members,
                    ledger: ledger,
                    random: random.split(UInt64(number * 10 + place))
                )
                users[user, default: []].append(device)
                members.add(device)
            }
        }
        members.add(self)
        guard setting.bridges > 1 else { return }
        addSteadyUsers()
        for device in walkers {
            device.onStatus = { [weak self, weak device] status in
                if let device { self?.judge(status, by: device) }
            }
        }
        listen()
    }

    /// The devices of those who walk, by user.
    private var walkers: [Device] { names.flatMap { users[$0] ?? [] } }

    /// All the devices, by user, without the visitors.
    var everybody: [Device] {
        walkers + steady.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    /// Everybody whom one may watch.
    private var watched: [String] { names + steady.keys.sorted() }

    /// The device that asks for a user.
    func asker(_ user: String) -> Device? { users[user]?.first }

    // MARK: - Walking

    func wake(at now: ContinuousClock.Instant) {
        storm.proceed(self, at: now)
        guard isWalking else {
            lastAction = now
            return
        }
        for entry in returns where entry.time <= now { entry.device.arrive() }
        returns.removeAll { $0.time <= now }
        let pause = Duration.seconds(1) / setting.actionsPerSecond
        // After a pause of the machine it does not make up for all that it has not done.
        lastAction = max(lastAction, now - .milliseconds(200))
        while lastAction + pause <= now {
            lastAction += pause
            act(at: now)
        }
    }

    /// Nothing happens on a connection that there is not.
    func take(_ event: Event, at now: ContinuousClock.Instant) {}

    /// Everybody comes.
    func begin() {
        for device in walkers { device.arrive(Self.words.randomElement(using: &random)) }
        for device in steady.values.joined() { device.arrive("online") }
    }

    /// Some go while there is nobody to tell, so that no will is sent of them; returns who.
    func scatter() -> [String] {
        let some = walkers.filter { $0.isPresent && random.chance(0.15) }
        for device in some { device.leave(.drop) }
        return some.map { "\($0.options.user)/\($0.options.device)" }
    }

    /// Ends the walk: those who are there stay, those who have gone stay away unless they have
    /// asked something that was not answered.
    func end() {
        isWalking = false
        returns = []
        for device in walkers where !device.isPresent && device.unanswered > 0 {
            device.arrive()
        }
    }

    private func act(at now: ContinuousClock.Instant) {
        guard let user = names.randomElement(using: &random),
            let device = users[user]?.randomElement(using: &random),
            let asker = users[user]?.first
        else { return }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<32: if device.isPresent { device.arrive(Self.words.randomElement(using: &random)) }
        case 32..<42: device.stumble(for: random.duration(0...0.6))
        case 42..<60: leave(device, at: now)
        case 60..<66:
            if !device.isPresent { device.arrive(Self.words.randomElement(using: &random)) }
        case 66..<68: litter(device)
        default: ask(user, asker)
        }
    }

    private func leave(_ device: Device, at now: ContinuousClock.Instant) {
        guard device.isPresent, let way = Device.Departure.allCases.randomElement(using: &random)
        else { return }
        device.leave(way)
        if random.chance(0.85) { returns.append((now + random.duration(0...4), device)) }
    }

    /// Leaves on a topic of the user's own what is no statement of any device that is known.
    private func litter(_ device: Device) {
        let topic = "presence/device/\(device.options.user)/litter"
        let text = ["lost", "offline", "{\"status\":1}", "NOT A WORD", "{\"status\":\"lost\"}"]
        device.publish(
            Message(
                topic: topic,
                payload: text.randomElement(using: &random) ?? "",
                qos: 1,
                retain: true
            )
        )
    }

    // MARK: - Asking

    private func ask(_ user: String, _ asker: Device) {
        guard asker.isPresent, asker.unanswered < 4 else { return }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
            let isShort = random.chance(0.15)
            let expiry = Int.random(in: isShort ? 1...5 : 3_600...604_800, using: &random)
            asker.subscribe(to: some(of: watched), expiry: expiry)
        case 5: asker.unsubscribe(from: some(of: asker.view.subscriptions.keys.sorted()))
        case 6, 7:
            lastDescription += 1
            let text = random.chance(0.2) ? "" : "words \(lastDescription)"
            asker.ask("publish", "\"description\":\"\(text)\"") { [weak self] _ in
                self?.descriptions[user] = text
            }
        default:
            let list = some(of: watched).map { "\"\($0)\"" }.joined(separator: ",")
            asker.ask("get", "\"usernames\":[\(list)]")
        }
    }

    private func some(of names: [String]) -> [String] {
        guard !names.isEmpty else { return ["nobody"] }
        return Array(names.shuffled(using: &random).prefix(Int.random(in: 1...6, using: &random)))
    }
}
