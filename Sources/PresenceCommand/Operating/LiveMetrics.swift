import PresenceClient
import Synchronization

/// The bridge's numbers on a terminal, drawn again in their place; of several bridges one below the
/// other.
final class LiveMetrics: Sendable {
    private struct State {
        var tables: [Name: MetricsTable] = [:]
        var freshness = Freshness()
    }

    private let screen: LiveScreen
    private let state = Mutex(State())

    init(on screen: LiveScreen) {
        self.screen = screen
    }

    func show(_ table: MetricsTable) {
        state.withLock { $0.tables[table.metrics.bridge] = table }
        screen.ring()
    }

    func hear(_ updates: Updates) async {
        for await update in updates {
            state.withLock { state in
                state.freshness.hear(update)
                // Of those that have gone nothing is shown beside the others.
                if case .severalBridges(let ids) = update, ids.isEmpty { state.tables = [:] }
            }
            screen.ring()
        }
    }

    func run() async throws {
        let style = Style.standard()
        try await screen.run { size in
            let (tables, warning) = self.state.withLock { ($0.tables, $0.freshness.warning) }
            return MetricsTable.page(
                tables.sorted { $0.key < $1.key }.map(\.value),
                warning: warning,
                size: size,
                style: style
            )
        }
    }
}
