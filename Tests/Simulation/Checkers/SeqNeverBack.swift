/// Neither a watcher nor a reader of retained statuses sees a user go back in time.
///
/// Permitted: the same `seq` again with the same content, since a status is put right that a broker
/// has lost, and told again that a crash came behind; a fresh start of a user who was forgotten;
/// and one after what was told while the store refused writes, and then the bridge died.
package struct SeqNeverBack: Checker {
    package static let rule = "seq, updated and since never go back, and one seq is one content"

    private var told: [String: [String: StatusSeen]] = [:]
    private var retained: [String: StatusSeen] = [:]
    /// The newest of each user, wherever it was seen.
    private var newest: [String: StatusSeen] = [:]
    private var doubt = StoreDoubt()
    private var doubtful: Set<String> = []

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch doubt.read(entry.event) {
        case .none: break
        case .settled: doubtful.removeAll()
        case .lost:
            for user in doubtful { forget(user) }
            doubtful.removeAll()
        }
        switch entry.event {
        case .status(let user, nil): forget(user)
        case .status(let user, let status?):
            if let before = retained.updateValue(status, forKey: user) {
                compare(status, with: before, "retained", &breaches)
            }
            note(status, &breaches)
        case .told(let watcher, let tellings, _):
            for case .status(let status) in tellings {
                let before = told[watcher, default: [:]]
                    .updateValue(status, forKey: status.username)
                if let before { compare(status, with: before, "told \(watcher)", &breaches) }
                note(status, &breaches)
            }
        default: break
        }
    }

    private mutating func note(_ status: StatusSeen, _ breaches: inout [String]) {
        let user = status.username
        if doubt.isOpen { doubtful.insert(user) }
        guard let known = newest[user] else {
            newest[user] = status
            return
        }
        if status.seq > known.seq {
            newest[user] = status
        } else if status.seq == known.seq, status != known {
            breaches.append("\(user) is told of under one seq as \(known) and as \(status)")
        }
    }

    private func compare(
        _ status: StatusSeen,
        with before: StatusSeen,
        _ how: String,
        _ breaches: inout [String]
    ) {
        let user = status.username
        if status.seq < before.seq {
            breaches.append("\(user) is \(how) with seq \(status.seq) after \(before.seq)")
        } else if (status.updated ?? 0) < (before.updated ?? 0) {
            breaches.append("\(user) is \(how) as updated before the last time")
        } else if (status.since ?? 0) < (before.since ?? 0) {
            breaches.append("\(user) is \(how) as since a time before the last one")
        }
    }

    private mutating func forget(_ user: String) {
        retained[user] = nil
        newest[user] = nil
        for watcher in told.keys { told[watcher]?[user] = nil }
    }
}
