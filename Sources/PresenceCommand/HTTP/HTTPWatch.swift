import PresenceClient

/// A watch over HTTP: the present statuses, and then the bridge's log of changes.
actor HTTPWatch: WatchSource {
    /// How often the list of those who are subscribed to is read again.
    private static let interval = Duration.seconds(20)
    private static let longestPause = Duration.seconds(10)

    private let service: HTTPService
    let scope: Watch.Scope
    /// The last change that was taken in.
    private var last = "0"
    /// Who is watched; `nil` for everyone.
    private var wanted: Set<Name>?

    init(_ service: HTTPService, _ scope: Watch.Scope) {
        self.service = service
        self.scope = scope
    }

    func begin() async throws -> [UserStatus] {
        // The place in the log comes first, so that nothing falls between.
        last = try await place()
        return try await present()
    }

    func isOfNobody() async throws -> Bool {
        guard scope == .subscribed else { return false }
        return wanted?.isEmpty == true
    }

    /// Nothing was subscribed to, so that nothing ends.
    func end() async {}

    func follow(_ display: some Watch.Display) async throws {
        try await Race.first(
            { try await self.pump(display) },
            { try await self.keepList(display) }
        )
    }

    // MARK: - The present

    private func place() async throws -> String {
        let answer: JSONObject
        do {
            answer = try await service.caller.call("GET", "/v1/changes")
        } catch let error as PresenceError where error.code == .forbidden {
            throw PresenceError.refused(
                code: ErrorCode.forbidden.rawValue,
                message: "watching over HTTP follows the log of changes, which wants a token "
                    + "with the scope read, and a bridge whose history_keep is not 0",
                retryAfter: nil
            )
        }
        guard let last = answer["last"]?.string else {
            throw PresenceError.unintelligible(operation: "changes")
        }
        return last
    }

    private func present() async throws -> [UserStatus] {
        switch scope {
        case .names(let names):
            wanted = Set(names)
            return try await service.status(of: names.map(\.text))
        case .everyone:
            wanted = nil
            let names = try await service.onlineUsers()
            return try await service.status(of: names.sorted().map(\.text))
        case .subscribed:
            let list = try await service.allSubscriptions()
            let names = list.entries.map(\.username)
            wanted = list.everyone == nil ? Set(names) : nil
            let online = list.everyone == nil ? [] : try await service.onlineUsers()
            let all = UserArgument.distinct(names + online.sorted())
            return try await service.status(of: all.map(\.text))
        }
    }

    // MARK: - What changes

    private func pump(_ display: some Watch.Display) async throws {
        var pause = Duration.seconds(1)
        while true {
            do {
                var isBack = false
                for try await event in ChangeStream(caller: service.caller).events(after: last) {
                    guard case .change(let id, let status) = event else { continue }
                    last = id
                    if !isBack {
                        isBack = true
                        pause = .seconds(1)
                        try display.show(.connection(.up))
                        try display.show(.caughtUp)
                    }
                    guard let status, wanted?.contains(status.username) ?? true else { continue }
                    try display.show(.status(status))
                }
                throw CancellationError()
            } catch let error as PresenceError {
                switch error {
                case .refused("gone", _, _):
                    // Changes were missed: what holds now is read anew.
                    last = try await place()
                    for status in try await present() { try display.show(.status(status)) }
                    continue
                case .refused(let code, _, _) where code != ErrorCode.unavailable.rawValue:
                    throw error
                default: try display.show(.connection(.down("\(error)")))
                }
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Learns of subscriptions that were made or have ended elsewhere.
    private func keepList(_ display: some Watch.Display) async throws {
        guard scope == .subscribed else { return try await Race.forever() }
        while true {
            try await Task.sleep(for: Self.interval)
            let before = wanted
            guard let statuses = try? await present() else { continue }
            for name in (before ?? []).subtracting(statuses.map(\.username)) {
                try display.show(.subscriptionEnded(username: name, .unsubscribed))
            }
            for status in statuses { try display.show(.status(status)) }
        }
    }
}
