import Presence

/// Every status that was ever retained: one `seq` of a user is one content, whoever has written it.
struct StatusHistory: Sendable {
    private var statuses: [String: [Int64: JSONValue]] = [:]
    /// How many different ones there were.
    private(set) var count = 0

    /// A status has come; returns what is wrong with it, in words.
    mutating func hear(_ status: JSONValue, of user: String) -> String? {
        guard let seq = status.object?["seq"]?.integer else {
            return "the status of \(user) has no seq: \(status)"
        }
        guard let known = statuses[user]?[seq] else {
            statuses[user, default: [:]][seq] = status
            count += 1
            return nil
        }
        return known == status
            ? nil : "seq \(seq) of \(user) is two statuses: \(known), and \(status)"
    }
}
