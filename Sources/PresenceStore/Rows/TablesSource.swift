/// Where others than the store itself read its tables, on any thread.
protocol TablesSource: Sendable {
    /// Reads something, after whoever asked before.
    func read<Value>(_ body: (any StoredTables) throws -> Value) throws(StoreError) -> Value
    /// Closes the connection, if nobody else has it.
    func close()
}
