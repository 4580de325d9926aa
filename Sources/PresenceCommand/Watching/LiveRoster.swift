import PresenceClient
import Synchronization

/// The roster on a terminal, drawn again in its place.
final class LiveRoster: Watch.Display {
    private struct State {
        var roster = Roster()
        var freshness = Freshness()
        var page = RosterPage()
        var view = RosterView()
    }

    private let screen: LiveScreen
    private let state = Mutex(State())
    private let scope: Watch.Scope

    init(_ scope: Watch.Scope, _ statuses: [UserStatus], on screen: LiveScreen) {
        self.scope = scope
        self.screen = screen
        state.withLock { state in
            for status in statuses { state.roster.update(status) }
        }
    }

    func show(_ update: Update) {
        state.withLock { state in
            state.freshness.hear(update)
            switch update {
            case .status(let status): state.roster.update(status)
            case .subscriptionEnded(let name?, _) where scope == .subscribed:
                state.roster.remove(name)
            default: break
            }
        }
        screen.ring()
    }

    /// Draws until the task is cancelled, or somebody presses `q`.
    func run() async throws {
        let style = Style.standard()
        try await screen.run { size in
            self.state.withLock { state in
                state.page.lines(
                    state.roster,
                    &state.view,
                    warning: state.freshness.warning,
                    size: size,
                    style: style,
                    now: HumanTime.now
                )
            }
        } press: { key in
            self.state.withLock { $0.view.press(key) }
        }
    }
}
