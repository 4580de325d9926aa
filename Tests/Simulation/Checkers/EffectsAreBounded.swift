import Presence

/// What a turn sends and stores is bounded by what can be due in it.
///
/// A turn may have to make up for all that was put off, but once: each user's status and each
/// device's topic may be put right and cleared, and each subscription may bring a status and an end,
/// one to everyone a status of each user. Beyond that a request brings one answer, a statement a
/// correction, and a handful of messages is the bridge's own.
package struct EffectsAreBounded: Checker {
    package static let rule = "what a turn does is bounded by what is due"

    /// Metrics, subscriptions to topics, and the bridge's own state.
    private static let own = 100

    private var users: Set<String> = []
    private var devices: Set<[String]> = []
    /// Names in requests since the last turn: each may be a row and a subscription.
    private var named = 0
    private var stored = StoredSubscriptions()
    /// The most subscriptions that there ever were, and of them to everyone.
    private var most = 0
    private var mostToAll = 0

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .asked(let request):
            users.insert(request.user)
            guard let names = request.payload?.object?["usernames"]?.array else { return }
            named += names.count
        case .status(let user, _): users.insert(user)
        case .stated(let user, let device, _, _, .device):
            users.insert(user)
            devices.insert([user, device])
        case .published(let seen):
            users.insert(seen.thing.user)
            devices.insert([seen.thing.user, seen.thing.device])
        case .stored(let changes):
            for change in changes { _ = stored.take(change) }
            most = max(most, stored.count)
            mostToAll = max(mostToAll, stored.watchers[.everyone]?.count ?? 0)
        case .turn(let read, let sent, let stored):
            check(read, sent, stored, &breaches)
            named = 0
        default: break
        }
    }

    private func check(_ read: Int, _ sent: Int, _ stored: Int, _ breaches: inout [String]) {
        let standing = Self.own + 4 * (users.count + devices.count) + 2 * most
        let sending = standing + 4 * read + mostToAll * users.count
        if sent > sending {
            breaches.append("a turn that read \(read) sent \(sent), \(sending) at most")
        }
        let storing = standing + 4 * read + 4 * named
        if stored > storing {
            breaches.append("a turn that read \(read) stored \(stored), \(storing) at most")
        }
    }
}
