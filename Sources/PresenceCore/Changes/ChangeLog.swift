import BitCollections
import OrderedCollections
import Presence

/// What of the users' changes is to be written to the change log, and under which ids.
///
/// Each change is written in the transaction that stores the status. While the store takes none, the newest
/// change of each user waits.
struct ChangeLog: Sendable {
    /// A change that is not stored yet.
    private struct Entry {
        var user: Name
        var difference: Difference
        var isOnline: Bool
        var time: Int64
        var status: [UInt8]
    }

    /// The last id that was given out.
    private(set) var last: Int64 = 0
    /// Whether this process has given out ids.
    ///
    /// They begin behind the time, so that none is given twice where the
    /// store is an old copy, or has lost its last turns. No more than a thousand a second are given for long.
    private var hasBegun = false
    /// Whether an id was given up, so that who reads on later finds that something is missing.
    private var hasGap = false
    /// Statuses that were told, but not stored, in the order in which they were found.
    private var found: [Entry] = []
    /// What happened by itself, by user.
    private var waiting: OrderedDictionary<UserID, Entry> = [:]
    /// What this turn's requests changed, by user, with what waits of the same.
    private var requested: OrderedDictionary<UserID, Entry> = [:]
    /// Whose change waits since this turn, or has become another one in it.
    private var touched: [UserID] = []
    /// Whose rows go.
    private var erased: [Name] = []
    /// The last id that is given out when what was handed out is stored.
    private var end: Int64?

    /// Whether rows of somebody's go.
    var erases: Bool { !erased.isEmpty }

    /// Takes the last id that was given out.
    mutating func restore(_ step: LogStep) {
        if case .end(let id) = step { last = max(last, id) }
    }

    /// From now on changes are not kept: who reads on when they are again finds that some are missing.
    mutating func pause() {
        guard last > 0 else { return }
        last += 1
        hasGap = true
    }

    // MARK: - What happens

    /// Notes the changes of a turn, as they are told.
    mutating func note(
        _ changes: [StatusChange],
        _ payloads: inout StatusPayloads,
        _ statuses: some Statuses,
        _ names: Names
    ) {
        for change in changes {
            guard var difference = change.difference, let name = names.name(of: change.user),
                let updated = statuses.updated(change.user)
            else { continue }
            // A status of which not even the least fits is told to nobody, and still kept here.
            let status =
                payloads.payload(of: change.user, statuses, names)
                ?? statuses.status(of: change.user, named: name).payload
            if let before = requested[change.user] ?? waiting[change.user] {
                difference = before.difference.followed(by: difference)
            }
            let entry = Entry(
                user: name,
                difference: difference,
                isOnline: statuses.online[member: Int(change.user)],
                time: updated,
                status: status
            )
            if change.isRequested {
                requested[change.user] = entry
            } else {
                waiting[change.user] = entry
                touched.append(change.user)
            }
        }
    }

    /// Notes a status that was told, but not stored: it is found again.
    mutating func note(_ found: UserStatus, after before: Visible) {
        guard let updated = found.updated else { return }
        let shown = Visible(devices: found.devices, description: found.description)
        self.found.append(
            Entry(
                user: found.username,
                difference: Difference(from: before, to: shown),
                isOnline: found.isOnline,
                time: updated,
                status: found.payload
            )
        )
    }

    /// Forgets all changes of a user.
    mutating func erase(_ user: Name) {
        found.removeAll { $0.user == user }
        waiting.removeAll { $0.value.user == user }
        requested.removeAll { $0.value.user == user }
        erased.append(user)
    }

    // MARK: - Writing

    /// Everything that is to be written, the erasures first: whatever comes then has a higher id.
    ///
    /// - Parameter isRead: Whether anybody reads changes of a kind.
    mutating func changes(
        at now: Instant,
        ifRead isRead: (LoggedChange.Kind) -> Bool
    ) -> [Change] {
        var steps = erased.map { LogStep.erase($0, through: last) }
        var id = last
        let byThemselves = waiting.keys.filter { requested[$0] == nil }.compactMap { waiting[$0] }
        for entry in found + byThemselves + requested.values {
            let kind = entry.difference.kind(isOnline: entry.isOnline)
            guard isRead(kind) else { continue }
            if !hasBegun, id == last { id = max(id, now.unix) }
            id += 1
            steps.append(
                .put(
                    LoggedChange(
                        id: id,
                        user: entry.user,
                        time: entry.time,
                        kind: kind,
                        status: entry.status
                    )
                )
            )
        }
        // What nobody reads is over as well, once the turn is stored.
        end = id
        return steps.isEmpty && !hasGap ? [] : (steps + [.end(id)]).map(Change.log)
    }

    /// What was handed out is stored.
    mutating func succeed() {
        guard let end else { return }
        if end > last { hasBegun = true }
        last = end
        self.end = nil
        hasGap = false
        touched.removeAll(keepingCapacity: true)
        found = []
        waiting.removeAll(keepingCapacity: waiting.count < 1_024)
        requested.removeAll(keepingCapacity: requested.count < 1_024)
        erased = []
    }

    /// Nothing was stored: what requests changed is taken back, and is in no status that waits.
    mutating func fail(
        _ payloads: inout StatusPayloads,
        _ statuses: some Statuses,
        _ names: Names
    ) {
        end = nil
        requested.removeAll()
        for user in touched where waiting[user] != nil {
            guard let status = payloads.payload(of: user, statuses, names),
                let updated = statuses.updated(user)
            else { continue }
            waiting[user]?.status = status
            waiting[user]?.time = updated
        }
        touched = []
    }
}
