import Testing

@testable import PresenceBridge

@Suite("The trial of the bridge's rights")
struct RightsTrialTests {
    /// What happens to a trial.
    enum Step {
        case begin
        case attempt(Right)
        case confirm(Right)
        case deny(Right)
    }

    private func play(_ steps: [Step], _ trial: inout RightsTrial) -> [[Right]] {
        var news: [[Right]] = []
        for step in steps {
            switch step {
            case .begin: trial.begin()
            case .attempt(let right): trial.attempt(right, through: "t/\(right)", until: 10)
            case .confirm(let right): trial.confirm(right)
            case .deny(let right): trial.deny(right)
            }
            if let missing = trial.takeNews() { news.append(missing) }
        }
        return news
    }

    @Test(
        "What is missing is told together when the last one is tried, and once",
        arguments: [
            ([.attempt(.event), .confirm(.event)], []),
            ([.attempt(.event), .deny(.event)], [[.event]]),
            // All are waited for.
            (
                [
                    .attempt(.status), .attempt(.event), .attempt(.device), .deny(.event),
                    .confirm(.device), .deny(.status),
                ],
                [[.status, .event]]
            ),
            ([.attempt(.event), .deny(.event), .deny(.event)], [[.event]]),
            // On the next connection the same is no news.
            (
                [
                    .attempt(.event), .deny(.event), .begin, .attempt(.event), .deny(.event),
                ],
                [[.event]]
            ),
            // One more is, and then all that are missing are told.
            (
                [
                    .attempt(.event), .deny(.event), .begin, .attempt(.event), .attempt(.status),
                    .deny(.event), .deny(.status),
                ],
                [[.event], [.status, .event]]
            ),
            // What was given and taken away again is told again.
            (
                [
                    .attempt(.event), .deny(.event), .begin, .attempt(.event), .confirm(.event),
                    .begin, .attempt(.event), .deny(.event),
                ],
                [[.event], [.event]]
            ),
        ] as [([Step], [[Right]])]
    )
    func news(_ steps: [Step], _ news: [[Right]]) {
        var trial = RightsTrial()
        #expect(play(steps, &trial) == news)
    }

    @Test("A try is overdue when its time is over, as long as nothing came of it")
    func overdue() {
        var trial = RightsTrial()
        _ = play([.attempt(.device), .attempt(.status), .attempt(.event), .deny(.event)], &trial)
        #expect(trial.overdue(at: 10).isEmpty)
        trial.confirm(.status)
        #expect(trial.overdue(at: 11).map(\.topic) == ["t/device"])
        trial.begin()
        #expect(trial.overdue(at: 11).isEmpty)
    }
}
