import Presence

extension PresenceClient {
    /// The most users in one question of who is online.
    private static let usersPerBriefRequest = 1_000
    private static let usersPerPage: Int64 = 500

    /// Publishes the user's own words, for all its devices, up to 1,024 bytes; `""` takes them away.
    ///
    /// - Parameters:
    ///   - description: The words.
    ///   - expiry: After how long they go away by themselves, 1 s to 30 days; `nil` for never.
    /// - Returns: The user's own status.
    @discardableResult
    public func publish(description: String, expiry: Duration? = nil) async throws -> UserStatus {
        try await ask(
            .publish(description: description, expiry: expiry?.wholeSeconds),
            reading: UserStatus.init(reading:)
        )
    }

    /// The statuses of users, in the order given; needs no subscription.
    ///
    /// A user who was never seen has `seq` 0.
    public func status(of usernames: [String]) async throws -> [UserStatus] {
        var all: [UserStatus] = []
        for part in try Self.distinct(usernames).parts(of: Self.usersPerRequest) {
            all += try await ask(.get(part.map(\.text))) { result in
                result["users"]?.statuses.flatMap { $0.count == part.count ? $0 : nil }
            }
        }
        return all
    }

    /// The status of one user.
    public func status(of username: String) async throws -> UserStatus {
        guard let status = try await status(of: [username]).first else {
            throw PresenceError.unintelligible(operation: "get")
        }
        return status
    }

    /// Which of the users are online.
    public func areOnline(_ usernames: [String]) async throws -> [String: Bool] {
        var all: [String: Bool] = [:]
        for part in try Self.distinct(usernames).parts(of: Self.usersPerBriefRequest) {
            let online = try await ask(.getBrief(part.map(\.text))) { result in
                result["online"]?.object.flatMap { $0.count == part.count ? $0 : nil }
            }
            for (name, isOnline) in online { all[name] = isOnline.bool ?? false }
        }
        return all
    }

    /// All users who are online, this one among them, in no particular order.
    ///
    /// - Throws: ``PresenceError``: `forbidden` where the operator does not allow it.
    public func onlineUsers() async throws -> [Name] {
        try await names { .online(pageSize: Self.usersPerPage, cursor: $0) }
    }

    /// How many users are online.
    public func onlineCount() async throws -> Int {
        try await total(.online(pageSize: 0, cursor: nil))
    }

    /// Who is subscribed to this user, in no particular order; those who are subscribed to everyone
    /// are not among them.
    ///
    /// - Throws: ``PresenceError``: `forbidden` where the operator does not allow it.
    public func watchers() async throws -> [Name] {
        try await names { .watchers(pageSize: Self.usersPerPage, cursor: $0) }
    }

    /// How many are subscribed to this user.
    public func watcherCount() async throws -> Int {
        try await total(.watchers(pageSize: 0, cursor: nil))
    }

    /// What has changed of this user, the newest first, as far back as the operator keeps it.
    ///
    /// - Parameters:
    ///   - after: Changes of this Unix second and later.
    ///   - before: Changes of before this Unix second.
    ///   - limit: The most changes.
    /// - Throws: ``PresenceError``: `forbidden` where the operator keeps none.
    public func history(
        after: Int64? = nil,
        before: Int64? = nil,
        limit: Int = 50
    ) async throws -> [UserChange] {
        var all: [UserChange] = []
        var cursor: String?
        while all.count < limit {
            let size = min(Int(Self.usersPerPage), limit - all.count)
            all += try await ask(
                .history(after: after, before: before, pageSize: Int64(size), cursor: cursor)
            ) { result in
                cursor = result["cursor"]?.string
                let changes = result["changes"]?.array
                return changes.flatMap { changes in
                    let read = changes.compactMap(UserChange.init)
                    return read.count == changes.count ? read : nil
                }
            }
            if cursor == nil { break }
        }
        return all
    }

    private func total(_ request: Request) async throws -> Int {
        try await ask(request) { $0["total"]?.count }
    }

    private func names(_ request: (_ cursor: String?) -> Request) async throws -> [Name] {
        try await pages(request) { $0["usernames"]?.names }.flatMap(\.self)
    }
}
