import Presence
import PresenceCore

/// What everyone sees of a user is what its devices truly are, when all is at rest.
///
/// Permitted: anything of a device that is unsure, and no status of a user whom the bridge has
/// forgotten, or told of while the store refused writes, and then died.
package struct StatusIsTruth: Checker {
    package static let rule = "the retained status of a user is what its devices truly are"

    /// Users who may have been seen: who said a word that others can see, or published.
    private var seen: Set<String> = []
    /// Users whose last retained status was not cleared.
    private var retained: Set<String> = []
    private var doubtful: Set<String> = []
    private var doubt = StoreDoubt()
    private var names: [UserID: String] = [:]
    /// Users whom the store does not know any more.
    private var forgotten: Set<String> = []

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch doubt.read(entry.event) {
        case .none: break
        case .settled: doubtful.removeAll()
        case .lost:
            retained.subtract(doubtful)
            doubtful.removeAll()
        }
        switch entry.event {
        case .status(let user, let status):
            if status == nil { retained.remove(user) } else { retained.insert(user) }
            if doubt.isOpen { doubtful.insert(user) }
        case .stated(let user, _, let payload, _, .device) where !seen.contains(user):
            if StatementSeen(payload).isVisible { seen.insert(user) }
        case .published(let thing): if case .on = thing.saying { seen.insert(thing.thing.user) }
        case .asked(let request) where request.operation == "publish": seen.insert(request.user)
        case .operatorCalled(let user, _): seen.insert(user)
        case .stored(let changes): note(changes)
        case .rest(let rest): check(rest, &breaches)
        default: break
        }
    }

    private mutating func note(_ changes: [Change]) {
        for change in changes {
            switch change {
            case .putUser(let record):
                names[record.id] = record.name.text
                if record.seq == 0 {
                    forgotten.insert(record.name.text)
                } else {
                    forgotten.remove(record.name.text)
                }
            case .removeUser(let id):
                if let name = names.removeValue(forKey: id) { forgotten.insert(name) }
            default: break
            }
        }
    }

    private func check(_ rest: Rest, _ breaches: inout [String]) {
        let users = Set(rest.truth.keys).union(rest.statuses.keys).union(rest.answers.keys)
            .union(retained)
        for user in users.sorted() {
            let truth = rest.truth[user, default: [:]]
            let status = rest.statuses[user]
            compare(truth, of: user, with: status, rest.unsure, &breaches)
            if let status {
                if let flaw = StatusIsWhole.flaw(of: status) { breaches.append(flaw) }
                if !seen.contains(user) {
                    breaches.append("\(user) was never seen and has a status")
                }
            } else if retained.contains(user), !forgotten.contains(user) {
                breaches.append("\(user) has lost its status")
            }
            let expected = status ?? StatusSeen(username: user, seq: 0)
            if let answer = rest.answers[user], answer != expected {
                breaches.append("get answers \(answer), and retained is \(expected)")
            }
        }
    }

    private func compare(
        _ truth: [String: String],
        of user: String,
        with status: StatusSeen?,
        _ unsure: Set<String>,
        _ breaches: inout [String]
    ) {
        let shown = status?.devices ?? [:]
        guard shown != truth else { return }
        for device in Set(truth.keys).union(shown.keys).sorted()
        where truth[device] != shown[device] && !unsure.contains("\(user)/\(device)") {
            let (word, shown) = (truth[device] ?? "not online", shown[device] ?? "not online")
            breaches.append("\(user)'s \(device) is \(word), and its status says \(shown)")
        }
    }
}
