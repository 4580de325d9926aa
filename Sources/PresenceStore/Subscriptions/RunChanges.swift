import Presence

/// What becomes of a watcher's runs by the changes of a commit.
struct RunChanges {
    /// One subscription, and when it ends from now on; `nil` to remove it.
    typealias Row = CommitChanges.Row<CommitChanges.SubscriptionKey, Int64>

    /// The runs to write in the place of those with the same number, or as new ones.
    private(set) var put: [SubscriptionRun] = []
    /// The numbers of the rows to take away.
    private(set) var removed: [Int64] = []
    /// By how many the subscriptions have grown.
    private(set) var growth = 0

    /// A run that was changed and is short: it may take in the one behind it.
    private var short: SubscriptionRun?

    /// Works changes into runs.
    ///
    /// - Parameters:
    ///   - runs: those of the watcher from the one on that the first change is about, to the one behind
    ///     that of the last, if there is one.
    ///   - rows: the changes, sorted by user, each user once.
    init(of watcher: UserID, _ runs: [SubscriptionRun], _ rows: ArraySlice<Row>) {
        var rest = rows
        var runs = runs[...]
        if let first = rest.first?.key.user, runs.first.map({ first < $0.start }) ?? true {
            // The watcher has no run that begins before.
            runs = [SubscriptionRun(watcher: watcher, start: .everyone, watched: [])] + runs
        }
        while let run = runs.popFirst() {
            let end = runs.first?.start
            let own = rest.prefix { row in end.map { row.key.user < $0 } ?? true }
            rest = rest[own.endIndex...]
            take(run, Self.merge(run.watched, own))
        }
        flush()
    }

    /// Takes the next run in.
    ///
    /// - Parameter changed: its subscriptions with the changes; `nil` where there are none.
    private mutating func take(_ run: SubscriptionRun, _ changed: [WatchedUser]?) {
        let watched = changed ?? run.watched
        growth += watched.count - run.watched.count
        if let before = short, !before.watched.isEmpty,
            before.watched.count + watched.count <= SubscriptionRun.filling
        {
            short?.watched += watched
            if !run.watched.isEmpty { removed.append(run.id) }
            return
        }
        flush()
        guard changed != nil else { return }
        var run = run
        run.watched = watched
        if watched.count < SubscriptionRun.shortest {
            short = run
        } else {
            put += SubscriptionRun.runs(of: run.watcher, from: run.start, watched)
        }
    }

    /// Leaves a short run as it is; one without subscriptions goes.
    private mutating func flush() {
        guard let run = short else { return }
        short = nil
        if run.watched.isEmpty { removed.append(run.id) } else { put.append(run) }
    }

    /// Merges changes into subscriptions; `nil` where they change nothing.
    private static func merge(
        _ watched: [WatchedUser],
        _ rows: ArraySlice<Row>
    ) -> [WatchedUser]? {
        guard !rows.isEmpty else { return nil }
        var merged: [WatchedUser] = []
        merged.reserveCapacity(watched.count + rows.count)
        var isChanged = false
        var place = 0
        for (key, expires) in rows {
            while place < watched.count, watched[place].user < key.user {
                merged.append(watched[place])
                place += 1
            }
            var before: Int64?
            if place < watched.count, watched[place].user == key.user {
                before = watched[place].expires
                place += 1
            }
            if let expires { merged.append(WatchedUser(user: key.user, expires: expires)) }
            if before != expires { isChanged = true }
        }
        guard isChanged else { return nil }
        merged += watched[place...]
        return merged
    }
}
