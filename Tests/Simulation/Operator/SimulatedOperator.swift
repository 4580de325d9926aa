import Presence
import PresenceBridge

/// A program of the operator's, which asks the bridge by another way than the broker: it states things for
/// devices that have no connection, and erases users.
///
/// It makes one call at a time, and makes it again until it is answered, as the documentation says it should.
///
/// The simulated world has one thread.
final class SimulatedOperator: @unchecked Sendable {
    /// What it does.
    enum Act: Hashable {
        case state(device: String, word: String)
        case clear(device: String)
        case erase
    }

    fileprivate struct Call {
        let user: String
        let act: Act
    }

    /// For how long it waits for an answer, in milliseconds.
    private static let patience: Int64 = 15_000

    /// The users whose devices it speaks for; nobody else does.
    let users = ["o1", "o2"]
    private let devices = ["desk1", "desk2"]
    private let agenda: Agenda
    var dice: Dice
    /// The words of the devices that are online, by user and device, as far as they were answered.
    private(set) var words: [String: [String: String]] = [:]
    /// Whether it should say everything again, and has not.
    var isDoubtful = false
    private var epoch: Int64 = 0
    private var call: Call?
    private var tries = 0
    /// Asks the bridge; returns whether there is one.
    var ask: (Question, @escaping @Sendable (Question.Answer) -> Void) -> Bool = { _, _ in false }
    /// Called when it makes a call for the first time.
    var onCall: (_ user: String, _ act: Act) -> Void = { _, _ in }
    /// Called when one was carried out.
    var onDone: (_ user: String, _ act: Act) -> Void = { _, _ in }

    init(agenda: Agenda, dice: Dice) {
        self.agenda = agenda
        self.dice = dice
    }

    /// Whether it waits for nothing.
    var isIdle: Bool { call == nil }

    /// The bridge says with which epoch it serves: it may only now know of a restart of the broker.
    func learn(epoch: Int64) {
        if epoch > self.epoch { isDoubtful = true }
        self.epoch = epoch
    }

    /// Makes a call of any kind, unless one is under way.
    func act() {
        let user = dice.pick(users)
        let device = dice.pick(devices)
        let word = dice.pick(["online", "busy", "lunch"])
        switch dice.count(1...10) {
        case 1...6: begin(.state(device: device, word: word), user)
        case 7...8: begin(.clear(device: device), user)
        default: begin(.erase, user)
        }
    }

    /// What it has to say again after a restart of the broker, or a crash of the bridge: everything.
    var repetition: [(user: String, act: Act)] {
        users.flatMap { user in
            devices.map { device in
                (
                    user,
                    words[user]?[device].map { .state(device: device, word: $0) }
                        ?? .clear(device: device)
                )
            }
        }
    }

    /// All devices that it speaks for, `user/device`.
    var everything: Set<String> {
        Set(users.flatMap { user in devices.map { "\(user)/\($0)" } })
    }

    /// Makes a call, unless one is under way.
    func begin(_ act: Act, _ user: String) {
        guard call == nil else { return }
        call = Call(user: user, act: act)
        onCall(user, act)
        send()
    }

    private func send() {
        guard let call else { return }
        tries += 1
        let number = tries
        let isAsked = ask(call.question) { [weak self] answer in
            self?.take(answer, number)
        }
        agenda.after(isAsked ? Self.patience : 1_000) { [weak self] in
            guard let self, tries == number, self.call != nil else { return }
            send()
        }
    }

    private func take(_ answer: Question.Answer, _ number: Int) {
        guard number == tries, let call else { return }
        if case .failure(let refusal) = answer {
            guard refusal.code == .unavailable else {
                self.call = nil
                // There is no room for it: it is not there.
                if case .state(let device, _) = call.act { words[call.user]?[device] = nil }
                return
            }
            // The next try has another number, and what comes of this one is too late.
            tries += 1
            agenda.after(1_000) { [weak self] in self?.send() }
            return
        }
        self.call = nil
        switch call.act {
        case .state(let device, let word): words[call.user, default: [:]][device] = word
        case .clear(let device): words[call.user]?[device] = nil
        case .erase: words[call.user] = nil
        }
        onDone(call.user, call.act)
    }
}

extension SimulatedOperator.Call {
    fileprivate var question: Question {
        switch act {
        case .state(let device, let word):
            Question(.statement(device: device, payload: Array(word.utf8)), about: user)
        case .clear(let device): Question(.statement(device: device, payload: []), about: user)
        case .erase: Question(.erasure, about: user)
        }
    }
}
