import Presence
import PresenceCore

extension World {
    /// How long the last call may take to be answered, in milliseconds.
    private static let patience: Int64 = 120_000

    /// Has an operator ask the bridge, in runs with one.
    func employOperator() {
        guard let boss else { return }
        boss.ask = { [weak self] question, answer in
            guard let bridge = self?.bridge else { return false }
            bridge.ask(question, answer)
            return true
        }
        boss.onCall = { [weak self] user, act in
            self?.note(.operatorCalled(user: user, isErasure: act == .erase))
        }
        boss.onDone = { [weak self] user, act in
            self?.note(.operatorAnswered(user: user, isErasure: act == .erase))
        }
    }

    /// Lets it live until a time.
    func liveWithOperator(until end: Int64) {
        guard let boss else { return }
        agenda.after(boss.dice.number(50...plan.pace)) { [weak self] in
            guard let self, agenda.now.uptime < end else { return }
            boss.act()
            liveWithOperator(until: end)
        }
    }

    /// Waits until its last call is answered.
    private func waitForOperator() {
        guard let boss, !boss.isIdle else { return }
        if !agenda.pass(atMost: Self.patience, until: { boss.isIdle }) { note(.unanswered) }
    }

    /// Has it say everything again, as it should after a restart of the broker or a crash of the bridge.
    func hearOperatorAgain() {
        guard let boss else { return }
        waitForOperator()
        for (user, act) in boss.repetition {
            boss.begin(act, user)
            waitForOperator()
        }
        boss.isDoubtful = false
    }

    /// Has it erase all users that are its own.
    func dismissOperator() {
        guard let boss else { return }
        for user in boss.users {
            boss.begin(.erase, user)
            waitForOperator()
        }
    }
}
