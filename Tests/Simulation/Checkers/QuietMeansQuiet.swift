/// A restart to which nobody has to react is one of which nobody hears.
///
/// After a restart of the broker, which may have come back with older copies, a status may be put
/// right: retained again as it was. And time goes on: subscriptions expire, users are forgotten.
package struct QuietMeansQuiet: Checker {
    package static let rule = "a quiet restart publishes nothing"

    private var quiet: Entry.Quiet?
    private var retained: [String: StatusSeen] = [:]

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .quietBegan(let quiet): self.quiet = quiet
        case .quietEnded: quiet = nil
        case .status(let user, let status):
            let before = retained[user]
            retained[user] = status
            guard let quiet, status != nil, quiet == .bridgeRestart || before != status else {
                return
            }
            breaches.append("the status of \(user) is written in a \(quiet.rawValue)")
        case .told(let watcher, let tellings, _):
            guard let quiet, !tellings.allSatisfy(\.isExpiry) else { return }
            breaches.append("\(watcher) is told something in a \(quiet.rawValue)")
        default: break
        }
    }
}

extension TellingSeen {
    /// Whether it tells of time's doing alone.
    fileprivate var isExpiry: Bool {
        if case .ended(_, "expired") = self { true } else { false }
    }
}
