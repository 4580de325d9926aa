import PresenceClient
import Synchronization

/// The bridge's numbers on a terminal, drawn again in their place.
final class LiveMetrics: Sendable {
    private struct State {
        var table: MetricsTable?
        var freshness = Freshness()
    }

    private let screen: LiveScreen
    private let state = Mutex(State())

    init(on screen: LiveScreen) {
        self.screen = screen
    }

    func show(_ table: MetricsTable) {
        state.withLock { $0.table = table }
        screen.ring()
    }

    func hear(_ updates: Updates) async {
        for await update in updates {
            state.withLock { $0.freshness.hear(update) }
            screen.ring()
        }
    }

    /// Draws until the task is cancelled, or somebody types `q`.
    func run() async throws {
        let style = Style.standard()
        try await screen.run { size in
            let (table, warning) = self.state.withLock { ($0.table, $0.freshness.warning) }
            return table?.lines(warning: warning, size: size, style: style) ?? []
        }
    }
}
