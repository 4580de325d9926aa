import Presence

/// Where a change log is kept, whoever reads it can follow each user.
///
/// Permitted: what was told while the store refused writes is logged with the newest change alone, or by the
/// next process, which finds it retained.
package struct EveryChangeLogged: Checker {
    package static let rule =
        "each change that is stored is logged with it, under a higher id, and the log ends as the statuses do"

    private let isKept: Bool
    private var lastID: Int64 = 0
    /// The number of the last change of each user that was logged.
    private var logged: [String: Int64] = [:]
    /// The number that is stored of each user.
    private var stored: [UserID: (name: String, seq: Int64)] = [:]

    package init(_ limits: CheckedLimits) { isKept = limits.keepsHistory }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        guard isKept else { return }
        switch entry.event {
        case .stored(let changes):
            for case .log(.put(let change)) in changes { note(change, &breaches) }
            for change in changes { compare(change, &breaches) }
        case .rest(let rest):
            for (user, status) in rest.statuses where logged[user] != status.seq {
                let last = logged[user].map { "\($0)" } ?? "nothing"
                breaches.append(
                    "\(user) is retained with seq \(status.seq), and logged with \(last)"
                )
            }
        default: break
        }
    }

    private mutating func note(_ change: LoggedChange, _ breaches: inout [String]) {
        if change.id <= lastID {
            breaches.append("change \(change.id) comes behind change \(lastID)")
        }
        lastID = change.id
        let user = change.user.text
        guard let seq = try? JSONValue(parsing: change.status).object?["seq"]?.integer else {
            breaches.append("change \(change.id) of \(user) holds no status")
            return
        }
        if let before = logged[user], seq <= before {
            breaches.append("\(user) is logged with seq \(seq) after \(before)")
        }
        logged[user] = seq
    }

    private mutating func compare(_ change: Change, _ breaches: inout [String]) {
        switch change {
        case .putUser(let user):
            let name = user.name.text
            if user.seq > stored[user.id]?.seq ?? 0, logged[name] != user.seq {
                let last = logged[name].map { "\($0)" } ?? "nothing"
                breaches.append("\(name) is stored with seq \(user.seq), and logged with \(last)")
            }
            stored[user.id] = (name, user.seq)
        case .removeUser(let id): stored[id] = nil
        default: break
        }
    }
}
