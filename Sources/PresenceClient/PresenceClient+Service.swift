import ServiceLifecycle

extension PresenceClient: Service {
    /// Connects, stays until the service group shuts down or the task is cancelled, and logs out.
    ///
    /// - Throws: ``PresenceError`` when the first connection does not work, or when another client
    ///   takes this one's place.
    public func run() async throws {
        let updates = updates(capacity: 1)
        try await connect()
        try await withGracefulShutdownHandler {
            for await update in updates {
                if case .connection(.over(let words?)) = update {
                    throw PresenceError.cannotConnect(words)
                }
            }
        } onGracefulShutdown: {
            Task { await self.close() }
        }
        await close()
    }
}
