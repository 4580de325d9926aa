/// Does one thing after the other, in the order in which they are asked for.
actor WorkQueue {
    private var last: Task<Void, Never>?

    /// Does something when all that was asked for before is done, and returns when it is done itself.
    func run(_ body: @escaping @Sendable () async -> Void) async {
        let before = last
        let task = Task {
            await before?.value
            await body()
        }
        last = task
        await task.value
    }
}
