import GRDB

/// Reads the tables of a store of SQLite.
final class SQLiteSource: TablesSource {
    private let path: String
    private let queue: DatabaseQueue
    /// Whether the connection is this one's alone.
    private let isOwn: Bool

    /// Reads a file by a connection of its own.
    init(_ file: StoreFile) throws {
        var configuration = Connection.configuration
        configuration.readonly = true
        path = file.path
        queue = try DatabaseQueue(path: file.resolved, configuration: configuration)
        isOwn = true
    }

    /// Reads a store in memory, by its only connection.
    init(memory queue: DatabaseQueue) {
        path = ":memory:"
        self.queue = queue
        isOwn = false
    }

    func read<Value>(_ body: (any StoredTables) throws -> Value) throws(StoreError) -> Value {
        do {
            return try queue.writeWithoutTransaction { try body(SQLiteTables(database: $0)) }
        } catch {
            throw StoreError(error, doing: .reading, path: path)
        }
    }

    func close() { if isOwn { try? queue.close() } }
}
