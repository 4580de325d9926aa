import Presence
import PresenceBridge
import PresenceStore

/// The change log on a simulated disk; the simulated world has one thread.
struct SimulatedArchive: Archive, @unchecked Sendable {
    private let disk: SimulatedDisk

    init(_ disk: SimulatedDisk) { self.disk = disk }

    /// What cannot be written cannot be read, either.
    private func check() throws(StoreError) {
        if disk.isFull { throw .readFailed(path: "the simulated disk", reason: "it is broken") }
    }

    func cut() throws(StoreError) -> Int64 { 0 }

    func changes(after id: Int64, limit: Int) throws(StoreError) -> [LoggedChange] {
        try check()
        return Array(disk.logged.lazy.filter { $0.id > id }.prefix(limit))
    }

    func history(_ query: HistoryQuery) throws(StoreError) -> [LoggedChange] {
        try check()
        return Array(disk.logged.reversed().lazy.filter(query.includes).prefix(query.limit))
    }

    func newest(
        of kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through end: Int64,
        limit: Int
    ) throws(StoreError) -> [LoggedChange] {
        try check()
        return Array(newest(of: kinds, after: id, through: end).prefix(limit))
    }

    private func newest(
        of kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through end: Int64
    ) -> [LoggedChange] {
        var seen: Set<Name> = []
        let rows = disk.logged.reversed().filter {
            $0.id > id && $0.id <= end && kinds.contains($0.kind) && seen.insert($0.user).inserted
        }
        return rows.reversed()
    }

    func condense(
        _ position: WebhookPosition,
        _ backlog: Backlog
    ) throws(StoreError) -> WebhookPosition {
        try check()
        func waiting(condensedThrough id: Int64) -> [LoggedChange] {
            newest(of: backlog.kinds, after: position.passed, through: id)
                + disk.logged.filter { $0.id > id && backlog.kinds.contains($0.kind) }
        }
        let before = waiting(condensedThrough: position.condensed)
        var end = position.condensed
        for row in disk.logged where row.id > end {
            guard row.time < backlog.time else { break }
            end = row.id
        }
        let isMuch =
            (disk.logged.last?.id ?? 0) - position.condensed >= max(1, backlog.most / 10)
        guard end > position.condensed || isMuch else { return position }
        var left = waiting(condensedThrough: end)
        if left.count > backlog.most {
            end = max(end, disk.logged.last?.id ?? 0)
            left = waiting(condensedThrough: end)
        }
        var passed = position.passed
        let surplus = left.count - Int(backlog.most)
        if surplus > 0 {
            passed = left[surplus - 1].id
            left.removeFirst(surplus)
        }
        var condensed = position
        condensed.skip(
            Int64(before.count - left.count),
            passing: passed,
            condensingThrough: end
        )
        return condensed
    }

    func close() {}
}
