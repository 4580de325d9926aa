import PresenceClient

/// What a watch learns from, whichever way the service is reached.
protocol WatchSource: Sendable {
    var scope: Watch.Scope { get }

    /// Begins, and returns the present statuses.
    func begin() async throws -> [UserStatus]

    /// Whether there is nobody to watch.
    func isOfNobody() async throws -> Bool

    /// Shows what changes, until the task is cancelled or nothing more can come.
    func follow(_ display: some Watch.Display) async throws

    func end() async
}

extension Watch: WatchSource {
    func isOfNobody() async throws -> Bool {
        guard scope == .subscribed else { return false }
        let page = try await client.subscriptions(size: 1)
        return page.total == 0 && page.everyone == nil
    }
}
