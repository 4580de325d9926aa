import PresenceClient

/// A watch: whom it is about, and what it learns until it ends.
struct Watch: Sendable {
    enum Scope: Hashable {
        case names([Name])
        case everyone
        /// Whoever the user is subscribed to.
        case subscribed
    }

    protocol Display: Sendable {
        func show(_ update: Update) throws
    }

    let client: PresenceClient
    let scope: Scope
    let subscriptions: WatchSubscriptions
    /// From before the connection on, so that nothing falls between.
    private let updates: Updates
    private let wanted: Set<Name>?

    init(_ client: PresenceClient, _ scope: Scope) {
        self.client = client
        self.scope = scope
        let names: [Name] = if case .names(let names) = scope { names } else { [] }
        subscriptions = WatchSubscriptions(client, names: names, everyone: scope == .everyone)
        wanted = if case .names(let names) = scope { Set(names) } else { nil }
        updates = client.updates(capacity: 1_000_000)
    }

    func begin() async throws -> [UserStatus] {
        let (statuses, rejected) = try await subscriptions.hold()
        if !rejected.isEmpty {
            let names = rejected.map(\.text).joined(separator: ", ")
            Output.error.say("there was no place to subscribe to \(names)")
        }
        return try await present(statuses)
    }

    func follow(_ display: some Display) async throws {
        let bell = Bell()
        try await Race.first(
            { try await self.pump(display, bell) },
            { try await self.keep(bell, display) },
            {
                while true {
                    try await Task.sleep(for: WatchSubscriptions.interval)
                    bell.ring()
                }
            }
        )
    }

    func end() async {
        let subscriptions = subscriptions
        let isDone = await Race.isDone(within: .seconds(3)) { try await subscriptions.release() }
        if !isDone {
            Output.error.say("the subscriptions of this watch end by themselves in two minutes")
        }
    }

    /// The statuses to begin with, some of which are known.
    private func present(_ known: [UserStatus]) async throws -> [UserStatus] {
        guard case .names(let names) = scope else { return try await client.statusesOfSubscribed() }
        var statuses: [Name: UserStatus] = [:]
        for status in known { statuses[status.username] = status }
        let rest = names.filter { statuses[$0] == nil }
        if !rest.isEmpty {
            for status in try await client.status(of: rest.map(\.text)) {
                statuses[status.username] = status
            }
        }
        return names.compactMap { statuses.removeValue(forKey: $0) }
    }

    private func pump(_ display: some Display, _ bell: Bell) async throws {
        for await update in updates {
            switch update {
            case .status(let status):
                if let wanted, !wanted.contains(status.username) { continue }
            case .subscriptionEnded(let name, _):
                if let wanted, let name, !wanted.contains(name) { continue }
                bell.ring()
            case .connection(.over(let words?)): throw PresenceError.cannotConnect(words)
            case .caughtUp: bell.ring()
            case .bridge, .severalBridges, .missingEvents, .connection, .deviceRefused,
                .deviceReplaced, .missed:
                break
            }
            try display.show(update)
        }
    }

    /// Sees to the subscriptions, as often as there may be a need.
    private func keep(_ bell: Bell, _ display: some Display) async throws {
        for await _ in bell.rings {
            // What fails now, as while the bridge is away, is tried again when the bell rings next.
            guard let (statuses, _) = try? await subscriptions.hold() else { continue }
            for status in statuses { try display.show(.status(status)) }
        }
    }
}
