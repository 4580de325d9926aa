/// A restart to which nobody has to react is one of which nobody hears.
///
/// After a restart of the broker, which may have come back with older copies, a status may be put
/// right: retained again as it was. And time goes on: subscriptions and descriptions expire,
/// users are forgotten. And a new process asks the devices on whose topic it finds what an earlier one
/// wrote: of a device of which nobody could say what it is, the status may become what it says.
///
/// Where plain things come back by themselves, or do not, nothing is told of those that are in the end
/// what they were: a thing that is back is never told offline.
package struct QuietMeansQuiet: Checker {
    package static let rule = "a quiet restart publishes nothing"

    private var quiet: Entry.Quiet?
    private var retained: [String: StatusSeen] = [:]
    /// Users who were not retained as their devices truly were, at the rest before.
    private var untrue: Set<String> = []
    /// The users who are plain things, and those of whom something was told in their restart.
    private var plain: Set<String> = []
    /// The users with things that were adopted.
    ///
    /// What an old copy says of those may come to light with any connection, where nobody can say what they are.
    private var adopted: Set<String> = []
    private var toldOf: Set<String> = []
    private var before: Rest?

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .quietBegan(let quiet): self.quiet = quiet
        case .quietEnded: quiet = nil
        case .plain(let users): plain = users
        case .adopted(let things): adopted = Set(things.map(\.user))
        case .rest(let rest):
            judge(rest, &breaches)
            before = rest
            untrue = Set(
                rest.statuses.keys.filter { user in
                    rest.statuses[user]?.devices != rest.truth[user, default: [:]]
                }
            )
            let unsure = rest.unsure.map { String($0.prefix { $0 != "/" }) }
            untrue.formUnion(adopted.intersection(unsure))
        case .status(let user, let status):
            let before = retained[user]
            retained[user] = status
            if quiet == .plainRestart, before?.devices != status?.devices { toldOf.insert(user) }
            guard let quiet, quiet != .plainRestart, let status,
                quiet == .bridgeRestart || before != status,
                !isExpiry(status, of: before), !untrue.contains(user)
            else { return }
            breaches.append("the status of \(user) is written in a \(quiet.rawValue)")
        case .told(let watcher, let tellings, _):
            if quiet == .plainRestart { note(tellings) }
            guard let quiet, quiet != .plainRestart, !tellings.allSatisfy({ isPermitted($0) })
            else { return }
            breaches.append("\(watcher) is told something in a \(quiet.rawValue)")
        default: break
        }
    }

    private mutating func note(_ tellings: [EventSeen]) {
        for case .status(let status) in tellings
        where retained[status.username]?.devices != status.devices {
            toldOf.insert(status.username)
        }
    }

    /// Judges a restart of which the end shows who is back.
    private mutating func judge(_ rest: Rest, _ breaches: inout [String]) {
        defer { toldOf = [] }
        guard let before else { return }
        for user in toldOf.intersection(plain).sorted() {
            guard let devices = rest.truth[user], !devices.isEmpty, devices == before.truth[user],
                !rest.unsure.union(before.unsure).contains(where: { $0.hasPrefix("\(user)/") })
            else { continue }
            breaches.append("\(user) is back, and something was told of it meanwhile")
        }
    }

    /// Whether a telling is of time's doing alone, or of what was untrue before.
    private func isPermitted(_ telling: EventSeen) -> Bool {
        switch telling {
        case .ended(_, let how): how == "expired"
        case .status(let status):
            untrue.contains(status.username) || isExpiry(status, of: retained[status.username])
        }
    }

    /// Whether nothing but the description has gone.
    private func isExpiry(_ status: StatusSeen, of before: StatusSeen?) -> Bool {
        guard var before, !before.description.isEmpty, status.seq > before.seq else { return false }
        before.description = ""
        (before.seq, before.updated) = (status.seq, status.updated)
        return before == status
    }
}
