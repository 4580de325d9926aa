import Presence

/// The receiver of a webhook is told each user's changes in order, and none is skipped but those that are said
/// to be.
///
/// Permitted: what was taken, and not known to be, comes again after a restart, perhaps in other batches.
package struct WebhooksMissNothing: Checker {
    package static let rule =
        "a webhook's receiver is told every change in order, but for those that are said to be skipped"

    /// Changes that were erased: a request that was tried before may still have them.
    private var erased: [(id: Int64, user: String)] = []

    /// What a receiver was told.
    private struct Account {
        var last: Int64 = 0
        var missing = 0
        /// The batches that said that changes were skipped: one that comes again says the same.
        var announcing: Set<WebhookSeen> = []
        var announced: Int { announcing.reduce(0) { $0 + $1.skipped } }
        /// Whether it wants nothing until the next start.
        var hasEnded = false
    }

    private let kinds: Set<LoggedChange.Kind>
    /// The changes that are for the receivers, by id.
    private var logged: [(id: Int64, user: String)] = []
    private var accounts: [String: Account]
    /// Whether one process alone has sent, so that nothing that it has said was said by another one.
    private var isOneProcess = true

    package init(_ limits: CheckedLimits) {
        kinds = limits.webhookKinds
        accounts = Dictionary(uniqueKeysWithValues: limits.webhooks.map { ($0, Account()) })
    }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch entry.event {
        case .stored(let changes):
            for case .log(let step) in changes { note(step) }
        case .bridgeEnded: isOneProcess = false
        // Whoever took that in is no more.
        case .bridgeStarted, .storeTaken, .storeLost:
            for url in accounts.keys { accounts[url]?.hasEnded = false }
        case .webhookEnded(let url): accounts[url]?.hasEnded = true
        case .webhookTook(let seen): take(seen, &breaches)
        case .webhooksRest(let isDone):
            if !isDone { breaches.append("a receiver that is well is not told everything") }
            for (url, account) in accounts where !account.hasEnded {
                compare(account, url, &breaches)
            }
        default: break
        }
    }

    private mutating func note(_ step: LogStep) {
        switch step {
        case .put(let change) where kinds.contains(change.kind):
            logged.append((change.id, change.user.text))
        case .erase(let user, let id):
            erased += logged.filter { $0.user == user.text && $0.id <= id }
            logged.removeAll { $0.user == user.text && $0.id <= id }
        default: break
        }
    }

    private mutating func take(_ seen: WebhookSeen, _ breaches: inout [String]) {
        guard var account = accounts[seen.url], let first = seen.changes.first,
            let last = seen.changes.last
        else {
            breaches.append("a request to \(seen.url) holds no changes, or is not for it")
            return
        }
        if account.hasEnded { breaches.append("\(seen.url) is told something after it has ended") }
        if zip(seen.changes, seen.changes.dropFirst()).contains(where: { $0.id >= $1.id }) {
            breaches.append("\(seen.url) is told \(first.id) to \(last.id) out of order")
        }
        let known = logged + erased
        for row in seen.changes where !known.contains(where: { $0 == (row.id, row.user) }) {
            breaches.append(
                "\(seen.url) is told a change \(row.id) of \(row.user), and none is logged"
            )
        }
        if seen.skipped > 0 { account.announcing.insert(seen) }
        defer { accounts[seen.url] = account }
        guard last.id > account.last else { return }
        let told = Set(seen.changes.map(\.id))
        let passed = logged.filter { $0.id > account.last && $0.id <= last.id }
        account.missing += passed.count { !told.contains($0.id) }
        if account.missing > account.announced {
            breaches.append(
                "\(seen.url) has missed \(account.missing) changes through \(last.id), and was told of "
                    + "\(account.announced)"
            )
        }
        account.last = last.id
    }

    private func compare(_ account: Account, _ url: String, _ breaches: inout [String]) {
        let last = logged.last?.id ?? 0
        if account.last < last {
            breaches.append(
                "\(url) is told changes through \(account.last), and \(last) is the last"
            )
        }
        if isOneProcess, erased.isEmpty, account.announced != account.missing {
            breaches.append(
                "\(url) has missed \(account.missing) changes, and was told of \(account.announced)"
            )
        }
    }
}
