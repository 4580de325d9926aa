import PresenceCore

/// Neither a watcher nor a reader of retained statuses sees a user go back in time.
///
/// Permitted: the same `seq` again with the same content, since a status is put right that a broker
/// has lost, and told again that a crash came behind; a fresh start of a user who was forgotten;
/// and one after what was told while the store refused writes, and then the bridge died.
package struct SeqNeverBack: Checker {
    package static let rule = "seq, updated and since never go back, and one seq is one content"

    /// How far a reader has come with a user.
    private struct Place {
        var seq: Int64
        var updated: Int64
        var since: Int64
        var isOnline: Bool

        init(_ status: StatusSeen) {
            seq = status.seq
            updated = status.updated ?? 0
            since = status.since ?? 0
            isOnline = status.online
        }
    }

    private let forgetAfter: Int64
    private var told: [String: [String: Place]] = [:]
    private var retained: [String: Place] = [:]
    /// The newest of each user, wherever it was seen.
    private var newest: [String: StatusSeen] = [:]
    private var doubt = StoreDoubt()
    private var doubtful: Set<String> = []

    package init(_ limits: CheckedLimits) { forgetAfter = limits.forgetAfter }

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
            let place = Place(status)
            forgetIfDue(user, at: entry.time.unix)
            if let before = retained.updateValue(place, forKey: user) {
                compare(user, place, with: before, "retained", &breaches)
            }
            note(status, &breaches)
        case .told(let watcher, let tellings, _):
            for case .status(let status) in tellings {
                let (user, place) = (status.username, Place(status))
                forgetIfDue(user, at: entry.time.unix)
                if let before = told[watcher, default: [:]].updateValue(place, forKey: user) {
                    compare(user, place, with: before, "told \(watcher)", &breaches)
                }
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
        _ user: String,
        _ now: Place,
        with before: Place,
        _ how: @autoclosure () -> String,
        _ breaches: inout [String]
    ) {
        if now.seq < before.seq {
            breaches.append("\(user) is \(how()) with seq \(now.seq) after \(before.seq)")
        } else if now.updated < before.updated {
            breaches.append("\(user) is \(how()) as updated before the last time")
        } else if now.since < before.since {
            breaches.append("\(user) is \(how()) as since a time before the last one")
        }
    }

    /// One who is back in the turn in which it is forgotten begins anew, and nothing is cleared.
    private mutating func forgetIfDue(_ user: String, at unix: Int64) {
        guard let place = retained[user], !place.isOnline, forgetAfter > 0,
            (place.updated + forgetAfter) * 1_000 <= unix
        else { return }
        forget(user)
    }

    private mutating func forget(_ user: String) {
        retained[user] = nil
        newest[user] = nil
        for watcher in told.keys { told[watcher]?[user] = nil }
    }
}
