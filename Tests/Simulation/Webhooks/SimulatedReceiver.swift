import Curl
import PresenceBridge
import PresenceCore

/// The receiver of a webhook, and all the ways in which it fails.
package final class SimulatedReceiver {
    /// What it does with a request.
    enum Mood: CaseIterable {
        /// It takes it.
        case well
        /// It answers 500.
        case failing
        /// It answers 429, and wants nothing for 20 seconds.
        case busy
        /// It answers 301.
        case moved
        /// It cannot be reached.
        case away
        /// It answers nothing.
        case stalling
        /// It takes it, and the answer is lost.
        case cutting
        /// It answers 410.
        case ended
    }

    /// What it is known by.
    package let url: String
    private let agenda: Agenda
    private var dice: Dice
    var mood = Mood.well
    /// Called with each batch that it has taken.
    var onTaken: (WebhookSeen) -> Void = { _ in }

    /// Called when it has said that it wants nothing any more.
    var onEnded: () -> Void = {}

    init(_ url: String, agenda: Agenda, dice: Dice) {
        self.url = url
        self.agenda = agenda
        self.dice = dice
    }

    /// Changes its mood now and then, until a time.
    func live(mayEnd: Bool, until end: Int64) {
        let moods = Mood.allCases.filter { mayEnd || $0 != .ended }
        mood = dice.chance(50) ? .well : dice.pick(moods)
        agenda.after(dice.number(500...12_000)) { [weak self] in
            guard let self, agenda.now.uptime < end else { return }
            live(mayEnd: mayEnd, until: end)
        }
    }

    /// Takes a request; what becomes of it is told later.
    func receive(_ request: HTTPRequest, then: @escaping (WebhookOutcome) -> Void) {
        agenda.after(dice.number(1...200)) { [self] in
            let (outcome, delay) = outcome(of: request)
            agenda.after(delay) { then(outcome) }
        }
    }

    private func outcome(of request: HTTPRequest) -> (WebhookOutcome, delay: Int64) {
        func answer(_ status: Int, pause: Int64? = nil) -> (WebhookOutcome, Int64) {
            (.answered(status: status, pause: pause, location: nil), dice.number(1...200))
        }
        switch mood {
        case .well:
            take(request)
            return answer(200)
        case .failing: return answer(500)
        case .busy: return answer(429, pause: 20_000)
        case .moved: return answer(301)
        case .away: return (.failed("nobody is there"), 1)
        case .stalling: return (.failed("no answer"), Int64(request.patience ?? 0))
        case .cutting:
            take(request)
            return (.failed("the connection broke"), dice.number(1...200))
        case .ended:
            onEnded()
            return answer(410)
        }
    }

    private func take(_ request: HTTPRequest) {
        let seen = WebhookSeen(request.body ?? [], url: url)
        onTaken(seen ?? WebhookSeen(url: url, changes: []))
    }
}
