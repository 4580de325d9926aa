import PostgreSQL

/// The rows of a query of PostgreSQL: as they come, or all of them at hand.
final class PostgreSQLRows: StoredRows {
    private enum Source {
        case copied(CopiedRows)
        case table(Table)
    }

    private let source: Source
    /// The row of a table.
    private var row = -1

    init(_ rows: CopiedRows) { source = .copied(rows) }

    init(_ table: Table) { source = .table(table) }

    func next() throws -> Bool {
        switch source {
        case .copied(let rows): return try rows.next()
        case .table(let table):
            row += 1
            return row < table.count
        }
    }

    func end() { if case .copied(let rows) = source { rows.end() } }

    func optionalInteger(_ index: Int, _ column: StaticString) throws -> Int64? {
        guard let bytes = unsafe bytes(index) else { return nil }
        guard let integer = unsafe Int64(postgreSQL: bytes) else {
            throw Damage(reason: "\(column) holds \(bytes.count) bytes in place of an integer")
        }
        return integer
    }

    func optionalText(_ index: Int, _ column: StaticString) throws -> String? {
        guard let bytes = unsafe bytes(index) else { return nil }
        guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
            throw Damage(reason: "\(column) holds no UTF-8")
        }
        return text
    }

    func withBytes<Result>(
        _ index: Int,
        _ column: StaticString,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard let bytes = unsafe bytes(index) else { throw Damage(reason: "\(column) is empty") }
        return try unsafe body(bytes)
    }

    private func bytes(_ index: Int) -> UnsafeRawBufferPointer? {
        switch source {
        case .copied(let rows): unsafe rows.bytes(index)
        case .table(let table): unsafe table.bytes(row, index)
        }
    }
}
