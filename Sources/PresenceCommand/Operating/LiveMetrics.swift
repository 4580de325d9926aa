import PresenceClient
import Synchronization

/// The bridge's numbers on a terminal, drawn again in their place; of several bridges one below the
/// other.
final class LiveMetrics: Sendable {
    private struct State {
        var histories: [Name: MetricsHistory] = [:]
        var freshness = Freshness()
    }

    private let screen: LiveScreen
    private let state = Mutex(State())

    init(on screen: LiveScreen) {
        self.screen = screen
    }

    func show(_ table: MetricsTable) {
        let (metrics, now) = (table.metrics, HumanTime.now)
        state.withLock { state in
            state.histories[metrics.bridge, default: MetricsHistory()].take(metrics, at: now)
        }
        screen.ring()
    }

    func hear(_ updates: Updates) async {
        for await update in updates {
            state.withLock { state in
                state.freshness.hear(update)
                // Of those that have gone nothing is shown beside the others.
                if case .severalBridges(let ids) = update, ids.isEmpty { state.histories = [:] }
            }
            screen.ring()
        }
    }

    func run() async throws {
        let style = Style.standard()
        try await screen.run { size in
            let (histories, warning) = self.state.withLock { ($0.histories, $0.freshness.warning) }
            let page = MetricsPage(
                histories: histories.sorted { $0.key < $1.key }.map(\.value),
                warning: warning
            )
            return page.lines(size: size, style: style)
        }
    }
}
