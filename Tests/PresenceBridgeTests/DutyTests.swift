import Chance
import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("Which bridge serves")
struct DutyTests {
    private static let own = BridgeProcessID(bridge: "own", nonce: "m", started: 100)
    private static let other = BridgeProcessID(bridge: "other", nonce: "x", started: 90)
    /// Another process with the same bridge id.
    private static let twin = BridgeProcessID(bridge: "own", nonce: "t", started: 90)

    private func at(_ uptime: Int64) -> Instant {
        Instant(uptime: uptime, unix: 1_000_000 + uptime)
    }

    /// A process that has looked and found nobody.
    private func serving(since uptime: Int64 = 0) -> Duty {
        var duty = Duty(Self.own)
        _ = duty.connect(at: at(uptime))
        _ = duty.hearEcho(at: at(uptime))
        return duty
    }

    /// One that has an answer of somebody who serves.
    private func standingBy(for process: BridgeProcessID = other) -> Duty {
        var duty = Duty(Self.own)
        _ = duty.connect(at: at(0))
        _ = duty.hearState(of: process.bridge, started: process.started, at: at(1))
        _ = duty.hearEcho(at: at(1))
        _ = duty.hear(DutyMessage(.serving, process, since: 5), at: at(2))
        return duty
    }

    @Test("Where nobody is, the own question has to come back, and no more")
    func alone() {
        var duty = Duty(Self.own)
        #expect(duty.connect(at: at(7)) == [.say(.asking, since: 1_000_007)])
        #expect(duty.hearEcho(at: at(8)) == [.say(.serving, since: 1_000_008), .serve])
        #expect(duty.isServing && duty.nextStep == nil)
    }

    @Test(
        "What a bridge has left is no reason to wait: its farewell, or this process's own state",
        arguments: [("own", nil), ("other", nil), ("own", 100)] as [(String, Int64?)]
    )
    func nothingToWaitFor(_ bridge: String, _ started: Int64?) {
        var duty = Duty(Self.own)
        _ = duty.connect(at: at(0))
        #expect(duty.hearState(of: bridge, started: started, at: at(1)) == [])
        #expect(duty.hearEcho(at: at(1)).contains(.serve))
    }

    @Test("One that is said to be online and does not answer is dead: 3 s, and then it is served")
    func dead() {
        var duty = Duty(Self.own)
        _ = duty.connect(at: at(0))
        _ = duty.hearState(of: "other", started: 90, at: at(1))
        _ = duty.hearState(of: "own", started: 90, at: at(1))
        #expect(
            duty.hearEcho(at: at(2)) == [
                .note(.asks(bridge: "other")), .note(.asks(bridge: "own")),
            ]
        )
        #expect(duty.nextStep == 1_000)
        #expect(duty.step(at: at(1_000)) == [.say(.asking, since: 1_000_000)])
        #expect(duty.step(at: at(1_001)) == [])
        #expect(duty.step(at: at(2_000)) == [.say(.asking, since: 1_000_000)])
        #expect(
            duty.step(at: at(3_001)) == [
                .note(.isDead(bridge: "other")), .note(.isDead(bridge: "own")),
                .retire(bridge: "other"), .say(.serving, since: 1_003_001), .serve,
            ]
        )
    }

    @Test("However many there may be, so many are known, and the last of them is waited for")
    func bound() {
        var duty = Duty(Self.own)
        _ = duty.connect(at: at(0))
        let most = LinkBounds.bridges
        for number in 0..<most + 20 {
            _ = duty.hearState(of: "b\(number)", started: 90, at: at(1))
            let process = BridgeProcessID(bridge: "p\(number)", nonce: "\(number)", started: 90)
            let answer = DutyMessage(.serving, process, since: 5)
            #expect(duty.hear(answer, at: at(Int64(number))) == [.note(.standsBy(for: process))])
        }
        let end = Duty.silence + Int64(most + 19)
        #expect(duty.hearEcho(at: at(2_000)).count == most)
        #expect(!duty.step(at: at(end - 1)).contains(.serve))
        // The dead, those for which it stood by, and those whose state is written over.
        #expect(duty.step(at: at(end)).count == 3 * most + 2)
    }

    @Test("Who gets an answer stands by, says so once, and asks on", arguments: [other, twin])
    func standsBy(_ process: BridgeProcessID) {
        var duty = Duty(Self.own)
        _ = duty.connect(at: at(0))
        _ = duty.hearState(of: process.bridge, started: 90, at: at(1))
        _ = duty.hearEcho(at: at(1))
        let answer = DutyMessage(.serving, process, since: 5)
        #expect(duty.hear(answer, at: at(2)) == [.note(.standsBy(for: process))])
        #expect(duty.standsBy)
        for second: Int64 in 1...100 {
            #expect(duty.step(at: at(second * 1_000)) == [.say(.asking, since: 1_000_000)])
            #expect(duty.hear(answer, at: at(second * 1_000 + 1)) == [])
        }
    }

    @Test("An answer before the own question is back counts as well")
    func earlyAnswer() {
        var duty = Duty(Self.own)
        _ = duty.connect(at: at(0))
        let answer = DutyMessage(.serving, Self.other, since: 5)
        #expect(duty.hear(answer, at: at(1)) == [.note(.standsBy(for: Self.other))])
        #expect(duty.hearEcho(at: at(1)) == [])
        #expect(duty.standsBy)
    }

    @Test(
        "When the one that serves goes offline it has a second to come back",
        arguments: [other, twin]
    )
    func offline(_ process: BridgeProcessID) {
        var duty = standingBy(for: process)
        _ = duty.step(at: at(1_500))
        let words = duty.hearState(of: process.bridge, started: nil, at: at(2_000))
        #expect(words == [.say(.asking, since: 1_000_000)])
        #expect(duty.step(at: at(2_999)) == [])
        let end = duty.step(at: at(3_000))
        #expect(end.first == .note(.takesOver(from: process)) && end.last == .serve)

        // Its connection had broken.
        duty = standingBy(for: process)
        _ = duty.hearState(of: process.bridge, started: nil, at: at(2_000))
        _ = duty.hear(DutyMessage(.asking, process, since: 1_002_100), at: at(2_100))
        _ = duty.hear(DutyMessage(.serving, process, since: 1_002_200), at: at(2_200))
        #expect(!duty.step(at: at(3_000)).contains(.serve))
        #expect(duty.standsBy)
    }

    @Test("When the one that serves answers no more, 5 s are enough, and its state is written over")
    func silence() {
        var duty = standingBy()
        #expect(!duty.step(at: at(5_001)).contains(.serve))
        #expect(
            duty.step(at: at(5_002)) == [
                .note(.takesOver(from: Self.other)), .retire(bridge: "other"),
                .say(.serving, since: 1_005_002), .serve,
            ]
        )
    }

    @Test("Who serves answers at once, and never gives way to one that came later")
    func answers() {
        var duty = serving()
        let question = DutyMessage(.asking, Self.other, since: 5)
        #expect(duty.hear(question, at: at(9)) == [.say(.serving, since: 1_000_000)])
        let later = DutyMessage(.serving, Self.other, since: 1_000_001)
        #expect(duty.hear(later, at: at(9)) == [.say(.serving, since: 1_000_000)])
        #expect(duty.isServing)
    }

    @Test("Of two that serve the later gives way, waits, and does not begin again over the head")
    func givesWay() {
        var duty = serving()
        let earlier = DutyMessage(.serving, Self.twin, since: 999_999)
        #expect(duty.hear(earlier, at: at(9)) == [.giveWay])
        #expect(!duty.isServing)
        _ = duty.connect(at: at(10))
        #expect(duty.hearEcho(at: at(11)) == [])
        #expect(duty.hear(earlier, at: at(12)) == [.note(.standsBy(for: Self.twin))])
        // At the same instant, what nobody chose decides, on both sides alike.
        duty = serving()
        #expect(
            duty.hear(DutyMessage(.serving, Self.twin, since: 1_000_000), at: at(9)) != [.giveWay]
        )
        let first = BridgeProcessID(bridge: "b", nonce: "a", started: 1)
        #expect(duty.hear(DutyMessage(.serving, first, since: 1_000_000), at: at(9)) == [.giveWay])
    }

    @Test("What was on the topic before the own state was published is no contradiction")
    func older() {
        var duty = serving()
        duty.state(at: at(1))
        #expect(duty.hearState(of: "own", started: nil, at: at(2)) == [])
        #expect(duty.nextStep == 1_001)
        #expect(duty.hearState(of: "own", started: 100, at: at(3)) == [])
        #expect(duty.nextStep == nil)
    }

    @Test("Who serves puts its state back where another process's will has taken its place")
    func restates() {
        var duty = serving()
        #expect(duty.hearState(of: "own", started: 100, at: at(1)) == [])
        #expect(duty.hearState(of: "other", started: nil, at: at(1)) == [])
        #expect(duty.hearState(of: "own", started: nil, at: at(1)) == [.restate])
        // Once a second at most, and the last word is its own.
        #expect(duty.hearState(of: "own", started: 7, at: at(2)) == [])
        #expect(duty.nextStep == 1_001)
        #expect(duty.step(at: at(1_001)) == [.restate])
        _ = duty.hearState(of: "own", started: 7, at: at(1_002))
        _ = duty.hearState(of: "own", started: 100, at: at(1_003))
        #expect(duty.nextStep == nil)
    }

    @Test("One that may not hear the others serves")
    func blind() {
        var duty = Duty(Self.own)
        _ = duty.connect(at: at(0))
        #expect(duty.step(at: at(1_000)) == [.say(.asking, since: 1_000_000)])
        #expect(duty.goBlind(at: at(1_001)).contains(.serve))
        #expect(duty.goBlind(at: at(1_002)) == [])
    }

    @Test(
        "What a bridge has not said is not read",
        arguments: [
            "", "{}", "offline", #"{"duty":"resting","process":"a","started":1,"since":1}"#,
            #"{"duty":"asking","process":"","started":1,"since":1}"#,
            #"{"duty":"asking","process":"a","started":"1","since":1}"#,
        ]
    )
    func garbage(_ text: String) {
        #expect(DutyMessage(reading: Array(text.utf8), of: "own") == nil)
        let message = DutyMessage(.asking, Self.twin, since: 7)
        #expect(DutyMessage(reading: message.payload, of: "own") == message)
    }

    @Test("Whatever ends and begins, in the end one serves, and nobody ends one that lives")
    func walks() {
        for seed: UInt64 in 1...300 {
            var hall = Hall(seed: seed, isSmooth: seed.isMultiple(of: 2))
            for _ in 1...30 { hall.walk() }
            hall.rest()
            let serving = hall.members.values.filter { $0.duty.isServing }
            #expect(serving.count == (hall.members.isEmpty ? 0 : 1), "seed \(seed)")
            #expect(hall.ousted == 0, "seed \(seed)")
        }
    }
}

/// Some processes at one broker, which passes on what they say in one order, later or sooner.
private struct Hall {
    struct Member {
        var duty: Duty
        let id: BridgeProcessID
        /// What is on its way to it.
        var inbox: [(from: String, message: DutyMessage?, state: Int64?, bridge: String)] = []
        /// Whether it takes part at the moment.
        var isPaused = false
    }

    var members: [Int: Member] = [:]
    /// How often one that had served for a while gave way, though nobody had stood still.
    var ousted = 0
    private var retained: [String: Int64] = [:]
    /// When each began to serve.
    private var served: [Int: Int64] = [:]
    private var random: SeededNumbers
    private var count = 0
    private var time: Int64 = 0

    /// Whether nobody stands still, so that nobody has a reason to take the place of another.
    private let isSmooth: Bool

    init(seed: UInt64, isSmooth: Bool) {
        random = SeededNumbers(seed: seed)
        self.isSmooth = isSmooth
    }

    private var now: Instant { Instant(uptime: time, unix: 50_000_000 + time) }

    /// Something begins or ends, and some time passes.
    mutating func walk() {
        let chosen = members.keys.sorted().randomElement(using: &random)
        switch (Int.random(in: 0..<5, using: &random), chosen) {
        case (0, _), (1, nil): begin()
        case (1, let key?): end(key)
        case (2, let key?): reconnect(key)
        case (3, let key?) where !isSmooth: members[key]?.isPaused.toggle()
        default: break
        }
        pass(Int64.random(in: 0...4_000, using: &random))
    }

    /// Nothing happens any more but what follows.
    mutating func rest() {
        for key in Array(members.keys) { members[key]?.isPaused = false }
        pass(20_000)
    }

    private mutating func begin() {
        guard members.count < 4 else { return }
        count += 1
        let bridge = ["a", "b"].randomElement(using: &random) ?? "a"
        let id = BridgeProcessID(
            bridge: bridge,
            nonce: String(random.next(), radix: 36),
            started: Int64(count)
        )
        members[count] = Member(duty: Duty(id), id: id)
        connect(count)
    }

    private mutating func act(_ key: Int, _ body: (inout Duty) -> [Duty.Action]) {
        guard var member = members[key] else { return }
        let actions = body(&member.duty)
        members[key] = member
        perform(key, actions, member.id)
    }

    private mutating func connect(_ key: Int) {
        members[key]?.inbox = retained.sorted { $0.key < $1.key }.map {
            ("", nil, $0.value, $0.key)
        }
        let now = now
        act(key) { $0.connect(at: now) }
    }

    /// Its connection is over, and the broker says so.
    private mutating func drop(_ key: Int) {
        members[key]?.duty.disconnect()
        members[key]?.inbox = []
        if let id = members[key]?.id { publishState(of: id.bridge, nil) }
    }

    private mutating func end(_ key: Int) {
        drop(key)
        members[key] = nil
    }

    private mutating func reconnect(_ key: Int) {
        drop(key)
        connect(key)
    }

    private mutating func publishState(of bridge: String, _ started: Int64?) {
        retained[bridge] = started
        for (key, member) in members where member.duty.phase != .away {
            members[key]?.inbox.append(("", nil, started, bridge))
        }
    }

    private mutating func perform(_ key: Int, _ actions: [Duty.Action], _ id: BridgeProcessID) {
        for action in actions {
            switch action {
            case .say(let word, let since):
                let message = DutyMessage(word, id, since: since)
                for (other, member) in members where member.duty.phase != .away {
                    members[other]?.inbox.append((id.nonce, message, nil, id.bridge))
                }
            case .serve:
                served[key] = time
                publishState(of: id.bridge, id.started)
            case .restate: publishState(of: id.bridge, id.started)
            case .retire(let bridge): publishState(of: bridge, nil)
            case .giveWay:
                if isSmooth, time - (served[key] ?? time) > 500 { ousted += 1 }
                reconnect(key)
            case .note: break
            }
        }
    }

    private mutating func pass(_ duration: Int64) {
        let end = time + duration
        while time < end {
            time += 50
            for key in members.keys.sorted() {
                guard let member = members[key], !member.isPaused else { continue }
                let least = isSmooth ? member.inbox.count : 0
                let taken = Int.random(in: least...member.inbox.count, using: &random)
                for _ in 0..<taken {
                    guard let item = members[key]?.inbox.first else { break }
                    members[key]?.inbox.removeFirst()
                    take(key, item)
                }
                let now = now
                act(key) { $0.step(at: now) }
            }
        }
    }

    private mutating func take(
        _ key: Int,
        _ item: (from: String, message: DutyMessage?, state: Int64?, bridge: String)
    ) {
        let now = now
        let nonce = members[key]?.id.nonce
        act(key) { duty in
            guard let message = item.message else {
                return duty.hearState(of: item.bridge, started: item.state, at: now)
            }
            return item.from == nonce ? duty.hearEcho(at: now) : duty.hear(message, at: now)
        }
    }
}
