import Dispatch
import PostgreSQL

/// Cuts the change log of a store on PostgreSQL, by a session of its own, as long as its bridge owns the store.
final class LogCutter: Sendable {
    /// How long the server works on a statement, in milliseconds: a commit may wait for that.
    private static let patience: Int64 = 800

    private let source: PostgreSQLSource
    private let member: Member
    private let address: DatabaseAddress
    private let queue = DispatchQueue(label: "presence-store.cutting")

    init(_ address: DatabaseAddress, of member: Member) {
        source = PostgreSQLSource(address, statementsWithin: Self.patience)
        (self.address, self.member) = (address, member)
    }

    /// What cuts, a step at a time, on a thread of its own.
    func cutting() -> LogCutting {
        LogCutting { [self] step, then in queue.async { then(try? self.change(step)) } }
    }

    func close() { source.close() }

    /// Does something in a transaction that nobody else changes the change log beside.
    private func change<Value>(
        _ body: (any StoredTables) throws -> Value
    ) throws(StoreError) -> Value {
        try source.read { tables in
            try tables.run("BEGIN", [])
            do {
                let owned = try tables.integer(
                    "SELECT count(*) FROM shard WHERE incarnation = ?1",
                    .integer(member.incarnation)
                )
                guard owned == 1 else { throw StoreError.inUse(path: address.shown) }
                _ = try tables.integer("SELECT last FROM change_log FOR UPDATE")
                let value = try body(tables)
                try tables.run("COMMIT", [])
                return value
            } catch {
                _ = try? tables.run("ROLLBACK", [])
                throw error
            }
        }
    }
}
