import Logging
import PresenceCore
import PresenceStore

/// What is due at the store now and then, besides what turns want stored.
struct StoreUpkeep {
    /// Time between two checkpoints of the store, in milliseconds.
    private static let checkpointPause: Int64 = 10_000

    private let store: any Store
    private let feed: ChangeFeed
    private let webhooks: WebhookLedger
    private var nextCheckpoint: Int64 = 0
    /// When the store is to bring in what is journaled, or to give a sign of life, in milliseconds of uptime.
    private(set) var nextApplying: Int64 = 0

    init(_ store: any Store, _ feed: ChangeFeed, _ webhooks: WebhookLedger) {
        self.store = store
        self.feed = feed
        self.webhooks = webhooks
    }

    /// Does what is due.
    mutating func step(_ settings: Settings, _ log: Logger, at now: Instant) {
        if now.uptime >= nextApplying {
            nextApplying = now.uptime + store.applyingPause
            storeWebhooks(log)
            store.beginApplying()
            cutLog(settings, at: now)
        }
        guard now.uptime >= nextCheckpoint else { return }
        nextCheckpoint = now.uptime + Self.checkpointPause
        do throws(StoreError) {
            try store.beginCheckpoint()
        } catch {
            log.debug("the store's log was not worked in: \(error)")
        }
    }

    /// Stores how far webhooks are; what fails is tried again.
    func storeWebhooks(_ log: Logger) {
        let changes = webhooks.unstored()
        guard !changes.isEmpty else { return }
        do throws(StoreError) {
            try store.commit(changes, isRequested: false)
            webhooks.noteStored()
        } catch {
            log.debug("how far webhooks are was not stored: \(error)")
        }
    }

    private func cutLog(_ settings: Settings, at now: Instant) {
        let cut = LogCut(
            settings,
            last: feed.last,
            archivedThrough: store.archivedThrough,
            wanted: webhooks.wanted,
            at: now
        )
        guard let cut else { return }
        feed.drop(cut)
        store.beginCutting(cut)
    }
}
