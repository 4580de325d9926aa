import Curl
import Presence
import PresenceHTTP
import PresenceStore
import Synchronization

/// How far the receivers of all webhooks are: couriers note it, and the loop stores it.
package final class WebhookLedger: Sendable {
    private struct Account {
        let name: String
        var position: WebhookPosition
        /// What is stored.
        var stored: WebhookPosition?
        var counts = WebhookCounts()
    }

    private struct State {
        var accounts: [Account]
        /// Webhooks that are stored, and configured no more.
        var forgotten: [String]
        /// What is on its way to the store.
        var pending: [WebhookPosition] = []
    }

    private let kinds: Set<LoggedChange.Kind>
    private let state: Mutex<State>

    /// The accounts of the webhooks that are configured: those that are stored go on, and new ones begin behind
    /// the last change.
    init(_ settings: Settings, stored: [WebhookPosition], last: Int64) {
        let webhooks = Webhook.all(in: settings)
        kinds = webhooks.isEmpty ? [] : settings.webhooks.events
        let accounts = webhooks.map { webhook in
            let url = webhook.address.url
            let known = stored.first { $0.url == url }
            let position = known ?? WebhookPosition(url, taken: last)
            return Account(name: webhook.name, position: position, stored: known)
        }
        let urls = Set(webhooks.map(\.address.url))
        abandoned = stored.filter { !urls.contains($0.url) && $0.taken < last }
            .map { WebAddress($0.url)?.shown ?? "" }
        state = Mutex(
            State(accounts: accounts, forgotten: stored.map(\.url).filter { !urls.contains($0) })
        )
    }

    /// Those that are configured no more though changes waited for them, as they may be shown.
    let abandoned: [String]

    /// How far a receiver is; `nil` for a URL that is not configured.
    package func position(of url: String) -> WebhookPosition? {
        state.withLock { $0.accounts.first { $0.position.url == url }?.position }
    }

    /// Notes how far a receiver is.
    package func note(_ position: WebhookPosition, _ counts: WebhookCounts) {
        state.withLock { state in
            guard let place = state.accounts.firstIndex(where: { $0.position.url == position.url })
            else { return }
            state.accounts[place].position = position
            state.accounts[place].counts = counts
        }
    }

    // MARK: - Storing

    /// What is to be stored; whether it was is for ``noteStored()``.
    func unstored() -> [Change] {
        state.withLock { state in
            state.pending = state.accounts.filter { $0.position != $0.stored }.map(\.position)
            return state.forgotten.map { .log(.removeWebhook($0)) }
                + state.pending.map { .log(.putWebhook($0)) }
        }
    }

    /// What ``unstored()`` returned last is stored.
    func noteStored() {
        state.withLock { state in
            for position in state.pending {
                guard
                    let place = state.accounts.firstIndex(where: { $0.position.url == position.url }
                    )
                else { continue }
                state.accounts[place].stored = position
            }
            (state.pending, state.forgotten) = ([], [])
        }
    }

    /// What the receivers still want of the change log, as far as it is stored: after a crash it is that again.
    var wanted: LogCut.Wanted {
        state.withLock { state in
            guard !state.accounts.isEmpty else { return .nothing }
            return LogCut.Wanted(of: kinds, for: state.accounts.compactMap(\.stored))
        }
    }

    // MARK: - Measures

    /// What Prometheus is told.
    ///
    /// - Parameter second: The Unix second.
    func measures(at second: Int64) -> [Measure] {
        let accounts = state.withLock { $0.accounts }
        func measures(
            _ name: String,
            _ help: String,
            _ value: (Account) -> Measure.Value
        ) -> [Measure] {
            accounts.map { Measure(name, help, value($0), labels: ["url": $0.name]) }
        }
        return measures(
            "presence_webhook_lag_seconds",
            "The age of the oldest change that a webhook's receiver has not taken."
        ) { .gauge($0.counts.oldest.map { max(0, second - $0) } ?? 0) }
            + measures(
                "presence_webhook_taken_total",
                "Changes that a webhook's receiver has taken."
            ) {
                .counter($0.counts.taken)
            }
            + measures("presence_webhook_tries_total", "Requests to a webhook's receiver.") {
                .counter($0.counts.tries)
            }
            + measures(
                "presence_webhook_failures_total",
                "Requests to a webhook's receiver that failed."
            ) {
                .counter($0.counts.failures)
            }
            + measures(
                "presence_webhook_skipped_total",
                "Changes that were left out, since a webhook's receiver was too far behind."
            ) { .counter($0.counts.skipped) }
    }
}
