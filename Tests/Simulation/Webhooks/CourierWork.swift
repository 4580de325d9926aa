import Curl
import Presence
import PresenceBridge
import PresenceCore

/// The couriers of one process of the bridge, in virtual time: what ``WebhookSender`` does in the real one.
final class CourierWork {
    private let agenda: Agenda
    private let shell: Shell
    private let receivers: [String: SimulatedReceiver]
    private var couriers: [Courier]
    private var next = Int64.max
    /// Whether the process does nothing.
    var isStill = false
    /// Whether it is no more.
    var isOver = false

    init(
        _ settings: Settings,
        _ shell: Shell,
        _ receivers: [SimulatedReceiver],
        agenda: Agenda,
        dice: Dice
    ) {
        self.agenda = agenda
        self.shell = shell
        self.receivers = Dictionary(uniqueKeysWithValues: receivers.map { ($0.url, $0) })
        couriers = Webhook.all(in: settings).compactMap { webhook in
            shell.webhooks.position(of: webhook.address.url).map {
                Courier(webhook, from: $0, random: dice)
            }
        }
    }

    /// Whether every receiver has everything that is for it, or wants nothing.
    var isDone: Bool {
        couriers.allSatisfy { $0.hasEnded || $0.waitsForNews(shell.feed) }
    }

    /// Lets each courier do what it has to do now.
    func goOn() {
        guard !isOver, !isStill, !couriers.isEmpty else { return }
        for index in couriers.indices {
            if let request = couriers[index].next(at: agenda.now, shell.feed) {
                send(request, index)
            }
            note(index)
        }
        let time = couriers.map { $0.nextStep(shell.feed) }.min() ?? .max
        guard time < .max else { return }
        next = max(time, agenda.now.uptime + 1)
        agenda.after(next - agenda.now.uptime) { [weak self, next] in
            if let self, self.next == next { goOn() }
        }
    }

    private func send(_ request: HTTPRequest, _ index: Int) {
        receivers[couriers[index].position.url]?.receive(request) { [weak self] outcome in
            self?.take(outcome, index)
        }
    }

    private func take(_ outcome: WebhookOutcome, _ index: Int) {
        guard !isOver else { return }
        guard !isStill else {
            return agenda.after(500) { [weak self] in self?.take(outcome, index) }
        }
        couriers[index].take(outcome, at: agenda.now)
        note(index)
        goOn()
    }

    private func note(_ index: Int) {
        shell.webhooks.note(couriers[index].position, couriers[index].counts)
    }
}
