import CPostgreSQL
import Glibc

/// A session with a PostgreSQL server, by libpq: every call of its own has an end, by which the server has answered
/// or counts as away.
///
/// One thread uses it at a time; another one may go on with it.
@safe public final class Session: @unchecked Sendable {
    private let connection: OpaquePointer
    /// The texts of the statements that the server has compiled, with their names.
    private var compiled: [String: String] = [:]
    /// Whether it is of no use any more.
    public private(set) var isOver = false

    /// Opens a session with the first of the hosts that lets it in; each has its share of the time.
    ///
    /// - Parameters:
    ///   - password: what is used in place of one in the string.
    ///   - deadline: by when it must be there. Names are looked up without such an end.
    public static func open(
        _ string: ConnectionString,
        password: String? = nil,
        by deadline: Deadline
    ) throws(PostgreSQLError) -> Session {
        let hosts = string.hosts
        var words: [String] = []
        for (index, host) in hosts.enumerated() {
            let share = deadline.milliseconds / Int64(hosts.count - index)
            do throws(PostgreSQLError) {
                return try Session(host, password: password, by: Deadline(in: share))
            } catch {
                words.append("\(error)")
            }
        }
        throw .unreachable(words.joined(separator: "; "))
    }

    /// Opens a session.
    ///
    /// - Parameters:
    ///   - password: what is used in place of one in the string.
    ///   - deadline: by when it must be there. Names are looked up without such an end.
    public init(
        _ string: ConnectionString,
        password: String? = nil,
        by deadline: Deadline
    ) throws(PostgreSQLError) {
        let pairs = string.pairs(password: password)
        let opened = unsafe CStrings.with(pairs.map(\.keyword)) { keywords in
            unsafe CStrings.with(pairs.map(\.value)) { values in
                unsafe PQconnectStartParams(keywords, values, 0)
            }
        }
        guard let opened = unsafe opened else { throw .unreachable("libpq has no memory") }
        unsafe connection = unsafe opened
        do throws(PostgreSQLError) {
            try connect(by: deadline)
        } catch {
            isOver = true
            throw error
        }
        unsafe presence_ignore_notices(connection)
        unsafe _ = PQsetnonblocking(connection, 1)
    }

    deinit { unsafe PQfinish(connection) }

    private func connect(by deadline: Deadline) throws(PostgreSQLError) {
        var state = PGRES_POLLING_WRITING
        while unsafe PQstatus(connection) != CONNECTION_BAD {
            let isReady: Bool
            switch state {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: isReady = wait(for: POLLIN, by: deadline)
            case PGRES_POLLING_WRITING: isReady = wait(for: POLLOUT, by: deadline)
            default: throw .unreachable(words)
            }
            guard isReady else { throw .unreachable("the database does not answer") }
            unsafe state = PQconnectPoll(connection)
        }
        throw .unreachable(words)
    }

    /// The number of the server's process that serves the session.
    public var serverProcess: Int64 { unsafe Int64(PQbackendPID(connection)) }

    /// A parameter that the server tells of itself: `server_encoding`.
    public func parameter(_ name: String) -> String? {
        unsafe PQparameterStatus(connection, name).map { unsafe String(cString: $0) }
    }

    /// Whether the server has ended the session, as far as can be told without asking it.
    public func hasEnded() -> Bool {
        if !isOver, wait(for: POLLIN, by: Deadline(in: 0)), unsafe PQconsumeInput(connection) == 0 {
            isOver = true
        }
        return isOver
    }

    /// Ends the session at once: nothing is sent, and the server finds out.
    public func abandon() {
        guard !isOver else { return }
        isOver = true
        unsafe shutdown(PQsocket(connection), Int32(SHUT_RDWR))
    }

    // MARK: - Statements

    /// Does statements one after the other, sent together, and returns what each has returned.
    ///
    /// Without a `BEGIN` among them they are one transaction. Where one is refused, so are all that follow it; a
    /// transaction that is open then is rolled back.
    @discardableResult
    public func run(
        _ statements: [SQLStatement],
        by deadline: Deadline
    ) throws(PostgreSQLError) -> [Table] {
        guard !isOver else { throw .unreachable("the session has ended") }
        do throws(PostgreSQLError) {
            return try pipeline(statements, by: deadline)
        } catch {
            if error.endsSession { abandon() }
            if !isOver, unsafe PQtransactionStatus(connection) == PQTRANS_INERROR {
                do throws(PostgreSQLError) {
                    _ = try pipeline([SQLStatement("ROLLBACK")], by: deadline)
                } catch {
                    abandon()
                }
            }
            throw error
        }
    }

    /// Does one statement, and returns what it has returned.
    @discardableResult
    public func run(
        _ statement: SQLStatement,
        by deadline: Deadline
    ) throws(PostgreSQLError) -> Table {
        try run([statement], by: deadline)[0]
    }

    private func pipeline(
        _ statements: [SQLStatement],
        by deadline: Deadline
    ) throws(PostgreSQLError) -> [Table] {
        guard unsafe PQenterPipelineMode(connection) == 1 else { throw .lost(words) }
        // What each answer will be for: `nil` for the text of a statement that is compiled.
        var compiling: [String: String] = [:]
        var isCompiling: [String?] = []
        for statement in statements {
            let name: String
            if let known = compiled[statement.sql] ?? compiling[statement.sql] {
                name = known
            } else {
                name = "s\(compiled.count + compiling.count)"
                compiling[statement.sql] = name
                isCompiling.append(statement.sql)
                try compile(statement, as: name)
            }
            isCompiling.append(nil)
            try send(statement, as: name)
        }
        guard unsafe PQpipelineSync(connection) == 1 else { throw .lost(words) }
        try flush(by: deadline)

        var tables: [Table] = []
        var refusal: PostgreSQLError?
        for sql in isCompiling {
            let table = try answer(by: deadline)
            switch table.outcome {
            case .done:
                if let sql { compiled[sql] = compiling[sql] } else { tables.append(table) }
            case .refused(let error): refusal = refusal ?? error
            case .skipped: break
            }
        }
        // The end of the pipeline, which is an answer of its own.
        try takeSync(by: deadline)
        guard unsafe PQexitPipelineMode(connection) == 1 else { throw .lost(words) }
        if let refusal { throw refusal }
        return tables
    }

    private func compile(_ statement: SQLStatement, as name: String) throws(PostgreSQLError) {
        let types = statement.arguments.map(\.type)
        let count = Int32(clamping: types.count)
        guard unsafe PQsendPrepare(connection, name, statement.sql, count, types) == 1 else {
            throw .lost(words)
        }
    }

    private func send(_ statement: SQLStatement, as name: String) throws(PostgreSQLError) {
        var bytes: [UInt8] = []
        var places: [Range<Int>?] = []
        for argument in statement.arguments {
            let start = bytes.count
            places.append(argument.append(to: &bytes) ? start..<bytes.count : nil)
        }
        // So that a value of no bytes has a place, too.
        bytes.append(0)
        let isSent = unsafe bytes.withUnsafeBytes { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = unsafe places.map { place in
                unsafe place.flatMap { place in unsafe start.map { unsafe $0 + place.lowerBound } }
            }
            return unsafe PQsendQueryPrepared(
                connection,
                name,
                Int32(clamping: places.count),
                values,
                places.map { Int32(clamping: $0?.count ?? 0) },
                places.map { _ in 1 },
                1
            )
        }
        guard isSent == 1 else { throw .lost(words) }
    }

    /// The next answer, and the end of it.
    private func answer(by deadline: Deadline) throws(PostgreSQLError) -> Table {
        guard let table = try result(by: deadline) else { throw .lost(words) }
        guard try result(by: deadline) == nil else { throw .lost("an answer without an end") }
        return table
    }

    private func takeSync(by deadline: Deadline) throws(PostgreSQLError) {
        guard let sync = try result(by: deadline), sync.isPipelineSync else { throw .lost(words) }
    }

    /// The next result; `nil` where the one before was the last of its statement.
    private func result(by deadline: Deadline) throws(PostgreSQLError) -> Table? {
        while unsafe PQisBusy(connection) == 1 {
            guard wait(for: POLLIN, by: deadline) else { throw .late }
            guard unsafe PQconsumeInput(connection) == 1 else { throw .lost(words) }
        }
        return unsafe PQgetResult(connection).map { unsafe Table($0) }
    }

    private func flush(by deadline: Deadline) throws(PostgreSQLError) {
        while true {
            let left = unsafe PQflush(connection)
            if left == 0 { return }
            guard left == 1 else { throw .lost(words) }
            // A server that cannot send its answers takes nothing more.
            guard wait(for: POLLIN | POLLOUT, by: deadline) else { throw .late }
            guard unsafe PQconsumeInput(connection) == 1 else { throw .lost(words) }
        }
    }

    // MARK: - Copying

    /// Begins to read all rows of a query, as they come: `COPY` in its binary format.
    ///
    /// - Parameter milliseconds: how long the server may take for the next row.
    public func copy(
        _ query: String,
        within milliseconds: Int64
    ) throws(PostgreSQLError) -> CopiedRows {
        guard !isOver else { throw .unreachable("the session has ended") }
        do throws(PostgreSQLError) {
            return try beginCopy(query, within: milliseconds)
        } catch {
            if error.endsSession { abandon() }
            throw error
        }
    }

    private func beginCopy(
        _ query: String,
        within milliseconds: Int64
    ) throws(PostgreSQLError) -> CopiedRows {
        let deadline = Deadline(in: milliseconds)
        guard unsafe PQsendQuery(connection, "COPY (\(query)) TO STDOUT (FORMAT binary)") == 1
        else {
            throw .lost(words)
        }
        try flush(by: deadline)
        guard let table = try result(by: deadline) else { throw .lost(words) }
        if case .refused(let error) = table.outcome {
            while try result(by: deadline) != nil {}
            throw error
        }
        return CopiedRows(self, within: milliseconds)
    }

    /// The next message of a copy; `nil` at its end.
    func nextCopied(
        within milliseconds: Int64
    ) throws(PostgreSQLError) -> UnsafeMutableRawBufferPointer? {
        // The clock is read only where nothing has come yet: rows come by the million.
        var deadline: Deadline?
        while true {
            var start: UnsafeMutablePointer<CChar>?
            let count = unsafe PQgetCopyData(connection, &start, 1)
            if count > 0 {
                return unsafe UnsafeMutableRawBufferPointer(start: start, count: Int(count))
            }
            switch count {
            case 0:
                let end = deadline ?? Deadline(in: milliseconds)
                deadline = end
                guard wait(for: POLLIN, by: end) else { throw ended(.late) }
                guard unsafe PQconsumeInput(connection) == 1 else { throw ended(.lost(words)) }
            case -1:
                if let refusal = endOfCopy(by: Deadline(in: milliseconds)) {
                    if refusal.endsSession { abandon() }
                    throw refusal
                }
                return nil
            default: throw ended(.lost(words))
            }
        }
    }

    /// The same error, behind which the session is of no use any more.
    private func ended(_ error: PostgreSQLError) -> PostgreSQLError {
        abandon()
        return error
    }

    /// Reads to the end of a copy; returns why it came to none, if it did not.
    private func endOfCopy(by deadline: Deadline) -> PostgreSQLError? {
        do throws(PostgreSQLError) {
            var refusal: PostgreSQLError?
            while let table = try result(by: deadline) {
                if case .refused(let error) = table.outcome { refusal = refusal ?? error }
            }
            return refusal
        } catch {
            return error
        }
    }

    func free(_ message: UnsafeMutableRawBufferPointer) { unsafe PQfreemem(message.baseAddress) }

    // MARK: - Waiting

    /// Waits until the socket can be read or written, as wanted.
    private func wait(for events: Int32, by deadline: Deadline) -> Bool {
        var waiting = pollfd(
            fd: unsafe PQsocket(connection),
            events: Int16(truncatingIfNeeded: events),
            revents: 0
        )
        while true {
            let found = unsafe poll(&waiting, 1, deadline.left)
            if found > 0 { return true }
            guard found < 0, errno == EINTR else { return false }
        }
    }

    /// libpq's last message, in one line.
    private var words: String {
        unsafe PQerrorMessage(connection).map { unsafe Table.line(String(cString: $0)) }
            ?? "libpq says nothing"
    }
}
