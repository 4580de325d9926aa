import PresenceCore
import PresenceStore

extension LogCut {
    /// What may be cut off of the change log now; `nil` where there is nothing in it.
    ///
    /// - Parameters:
    ///   - last: the last id that was given out.
    ///   - archived: the id through which the archive has everything.
    ///   - wanted: what webhooks still want of it.
    init?(
        _ settings: Settings,
        last: Int64,
        archivedThrough archived: Int64,
        wanted: Wanted,
        at now: Instant
    ) {
        guard last > 0 else { return nil }
        let keep = settings.limits.historyKeep
        guard keep > .zero else {
            self.init(through: archived, time: .max, wanted: wanted)
            return
        }
        self.init(
            through: archived,
            time: now.unix / 1_000 - keep.components.seconds,
            most: settings.historyRows > 0 ? Int64(settings.historyRows) : .max,
            wanted: wanted
        )
    }
}
