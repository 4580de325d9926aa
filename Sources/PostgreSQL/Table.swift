import CPostgreSQL

/// What a statement has returned: its rows, in PostgreSQL's binary format.
@safe public final class Table {
    enum Outcome {
        case done
        case refused(PostgreSQLError)
        /// An earlier statement was refused.
        case skipped
    }

    private let result: OpaquePointer

    init(_ result: OpaquePointer) { unsafe self.result = unsafe result }

    deinit { unsafe PQclear(result) }

    /// How many rows it has.
    public var count: Int { unsafe Int(PQntuples(result)) }

    /// How many rows a statement that writes has written.
    public var written: Int64 {
        unsafe PQcmdTuples(result).flatMap { unsafe Int64(String(cString: $0)) } ?? 0
    }

    /// The bytes of a value, which are there as long as the table; `nil` where there is none.
    public func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        let (row, column) = (Int32(clamping: row), Int32(clamping: column))
        guard unsafe PQgetisnull(result, row, column) == 0 else { return nil }
        let count = unsafe Int(PQgetlength(result, row, column))
        return unsafe UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: count)
    }

    /// A value of the type `bigint`; `nil` for another one.
    public func integer(_ row: Int, _ column: Int) -> Int64? {
        guard row < count, let bytes = unsafe bytes(row, column) else { return nil }
        return unsafe Int64(postgreSQL: bytes)
    }

    var isPipelineSync: Bool { unsafe PQresultStatus(result) == PGRES_PIPELINE_SYNC }

    var outcome: Outcome {
        switch unsafe PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_COPY_OUT, PGRES_EMPTY_QUERY: return .done
        case PGRES_PIPELINE_ABORTED: return .skipped
        default:
            // Without a code it is libpq that complains, of a connection that is no more.
            guard let code = unsafe presence_sqlstate(result) else {
                let words = unsafe PQresultErrorMessage(result).map { unsafe String(cString: $0) }
                return .refused(.lost(Self.line(words ?? "")))
            }
            let words = unsafe presence_primary_message(result).map { unsafe String(cString: $0) }
            return unsafe .refused(
                .refused(
                    code: String(cString: code),
                    words: Self.line(words ?? "the database refuses")
                )
            )
        }
    }

    /// A message of several lines in one, without libpq's guesses, which are set in.
    static func line(_ message: String) -> String {
        message.split(whereSeparator: \.isNewline)
            .filter { $0.first?.isWhitespace == false }
            .joined(separator: "; ")
    }
}

extension Int64 {
    /// A `bigint` in PostgreSQL's binary format; `nil` for what is none.
    public init?(postgreSQL bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 8 else { return nil }
        self = unsafe Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
    }
}
