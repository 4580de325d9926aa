/// Several things done at a time; when the first of them ends, the others are cancelled.
enum Race {
    /// Does all of these until the first ends.
    static func first(_ works: (@Sendable () async throws -> Void)...) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for work in works { group.addTask(operation: work) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Does something that must not take long; `nil` if it has not ended by then.
    static func value<Value: Sendable>(
        within longest: Duration,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask(operation: work)
            group.addTask {
                try await Task.sleep(for: longest)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// Whether something was done without an error within some time.
    static func isDone(
        within longest: Duration,
        _ work: @escaping @Sendable () async throws -> Void
    ) async -> Bool {
        (try? await value(within: longest, work)) != nil
    }

    static func forever() async throws {
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }
}
