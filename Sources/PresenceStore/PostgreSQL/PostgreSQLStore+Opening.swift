import PostgreSQL

extension PostgreSQLStore {
    /// Opens the store by itself, or makes its tables if there are none; where another bridge owns it, not for long.
    ///
    /// - Parameters:
    ///   - isSynchronous: whether a commit waits for the database's disk even where the database is set not to.
    ///   - opening: how long it is waited for another bridge, in milliseconds.
    ///   - onRemark: called on the thread that uses the store, with what the operator is to know.
    public convenience init(
        _ address: DatabaseAddress,
        isSynchronous: Bool,
        opening: Int64 = 10_000,
        onRemark: @escaping (StoreRemark) -> Void
    ) throws(StoreError) {
        let member = Member("presence-bridge", lease: 5_000)
        do {
            try self.init(
                address,
                StoreSession.reopen(
                    address,
                    of: member,
                    isSynchronous: isSynchronous,
                    replacing: nil,
                    by: Deadline(in: opening)
                ),
                of: member,
                isSynchronous: isSynchronous,
                onRemark: onRemark
            )
        } catch {
            throw StoreError(error, doing: .opening, path: address.shown)
        }
    }
}
