/// The parts of every status that is told or retained agree with one another.
///
/// A user who was never online, and has only published a description, is offline without a cause
/// and without `since`. A status is cleared only of a user with no device online, or of one whom an operator erases.
package struct StatusIsWhole: Checker {
    package static let rule = "the parts of a status agree with one another"

    private static let causes: Set<String> = ["logout", "lost", "ttl", "restart"]
    private static let first: Set<String> = ["busy", "dnd"]
    private static let last: Set<String> = ["away", "idle", "xa", "sleeping"]

    /// Users whose retained status is online.
    private var online: Set<String> = []
    /// Users whom an operator is about to erase.
    private var erasing: Set<String> = []

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .bridgeEnded, .bridgeCutOff, .brokerEnded:
            // What was written last may not have arrived.
            online = []
        case .operatorCalled(let user, isErasure: true): erasing.insert(user)
        case .operatorAnswered(let user, isErasure: true):
            erasing.remove(user)
            online.remove(user)
        case .status(let user, nil):
            if online.remove(user) != nil, !erasing.contains(user) {
                breaches.append("the status of \(user) is cleared, who is online")
            }
        case .status(let user, let status?):
            if status.username != user {
                breaches.append("the status of \(user) names \(status.username)")
            }
            if let flaw = Self.flaw(of: status) { breaches.append(flaw) }
            if status.online { online.insert(user) } else { online.remove(user) }
        case .told(_, let tellings, _):
            for case .status(let status) in tellings {
                if let flaw = Self.flaw(of: status) { breaches.append(flaw) }
            }
        default: break
        }
    }

    /// What is wrong with a status that is told or retained.
    package static func flaw(of status: StatusSeen) -> String? {
        let user = status.username
        if status.online == status.devices.isEmpty {
            return "\(user) is online: \(status.online), with \(status.devices.count) devices"
        }
        if let (device, word) = status.devices.first(where: { StatementSeen.isHidden($0.value) }) {
            return "\(user)'s \(device) is shown as \(word)"
        }
        let word = ranking(status.devices)
        if status.status != word { return "\(user) is \(status.status) instead of \(word)" }
        if status.seq < 1 { return "\(user) has changed, with seq \(status.seq)" }
        guard let updated = status.updated else { return "\(user) has changed, updated never" }
        if let since = status.since, since > updated {
            return "\(user) is so since \(since), and updated \(updated)"
        }
        if status.online, status.since == nil { return "\(user) is online since never" }
        let wantsCause = !status.online && status.since != nil
        if (status.cause != nil) != wantsCause {
            return "\(user) has the cause \(status.cause ?? "null"), online: \(status.online)"
        }
        if let cause = status.cause, !causes.contains(cause) {
            return "\(user) has the cause \(cause)"
        }
        return status.expires == nil ? nil : "\(user) has an end"
    }

    /// The word of the device that ranks first, by looking for each rank in turn.
    package static func ranking(_ devices: [String: String]) -> String {
        guard !devices.isEmpty else { return "offline" }
        let names =
            devices.count == 1
            ? Array(devices.keys)
            : devices.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let words = names.compactMap { devices[$0] }
        return words.first(where: first.contains) ?? words.first { !last.contains($0) }
            ?? words.first ?? "offline"
    }
}
