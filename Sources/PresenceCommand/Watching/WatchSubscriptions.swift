import PresenceClient

/// The subscriptions that a watch needs: it makes those that are not there, keeps them alive, and
/// ends them with itself. What the user had subscribed to, or subscribes to meanwhile, stays.
actor WatchSubscriptions {
    /// How long one lasts that is not renewed: so long it outlives a watch that was killed.
    static let expiry: Duration = .seconds(120)
    /// How often the list is looked through: another watch of the same user may have ended some.
    static let interval: Duration = .seconds(20)
    /// They are renewed each time when the list was looked through so often.
    private static let roundsPerRenewal = 3

    private let client: PresenceClient
    private let names: [Name]
    private let everyone: Bool
    /// Those that were made here, with their ends as they were answered.
    ///
    /// One that has another end now was subscribed to by someone else since.
    private var made: [Name: Int64] = [:]
    private var madeEveryone: Int64?
    /// Those that were asked for and not answered yet.
    private var asked: Set<Name> = []
    private var rounds = 0

    init(_ client: PresenceClient, names: [Name], everyone: Bool) {
        self.client = client
        self.names = names
        self.everyone = everyone
    }

    /// Makes what is not there, and renews what was made here and is due.
    ///
    /// - Returns: The statuses of those who were subscribed to now, and who was rejected.
    func hold() async throws -> (statuses: [UserStatus], rejected: [Name]) {
        guard everyone || !names.isEmpty else { return ([], []) }
        let list = try await list()
        let isDue = rounds % Self.roundsPerRenewal == 0
        rounds += 1
        var wanted: [Name] = []
        for name in names {
            switch list.ends[name] {
            case nil: wanted.append(name)
            case made[name]: if isDue { wanted.append(name) }
            default: made[name] = nil
            }
        }
        if everyone, list.everyone == nil || (isDue && list.everyone == madeEveryone) {
            madeEveryone = try await client.subscribeToEveryone(expiry: Self.expiry)
        }
        guard !wanted.isEmpty else { return ([], []) }
        asked = Set(wanted)
        let done = try await client.subscribe(to: wanted.map(\.text), expiry: Self.expiry)
        for subscription in done.subscribed {
            made[subscription.status.username] = subscription.expires
        }
        asked = []
        return (done.subscribed.map(\.status), done.rejected)
    }

    /// Ends those that were made here, in a second.
    ///
    /// They run out rather than being ended at once: that an end has come by itself is told to all
    /// the user's devices, so that another watch that relied on them makes them anew.
    func release() async throws {
        guard !made.isEmpty || !asked.isEmpty || madeEveryone != nil else { return }
        let list = try await list()
        if let madeEveryone, list.everyone == madeEveryone {
            try await client.subscribeToEveryone(expiry: .seconds(1))
        }
        let own = list.ends.filter { made[$0.key] == $0.value || asked.contains($0.key) }
        try await client.subscribe(to: own.keys.map(\.text), expiry: .seconds(1))
    }

    private func list() async throws -> (ends: [Name: Int64], everyone: Int64?) {
        let list = try await client.allSubscriptions()
        var ends: [Name: Int64] = [:]
        for entry in list.entries { ends[entry.username] = entry.expires }
        return (ends, list.everyone)
    }
}
