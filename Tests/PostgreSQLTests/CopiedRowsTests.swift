import DatabaseFixture
import Testing

@testable import PostgreSQL

@Suite("Rows as they come", .enabled(if: DatabaseServer.isUsed, "PostgreSQL is not installed"))
struct CopiedRowsTests {
    private let session: Session

    init() throws {
        let server = try DatabaseServer.shared.get()
        session = try Session(try ConnectionString(server.uri), by: Deadline(in: 10_000))
    }

    private func rows(_ query: String) throws -> CopiedRows {
        try session.copy(query, within: 10_000)
    }

    /// Whether the session does what it is asked for.
    private func isUsable() throws -> Bool {
        try session.run(SQLStatement("SELECT 7::bigint"), by: Deadline(in: 10_000)).integer(0, 0)
            == 7
    }

    @Test("All come, in their order, and the session goes on", arguments: [0, 1, 2, 100_000])
    func all(count: Int64) throws {
        let rows = try rows(
            "SELECT n, n || ' bottles', NULL FROM generate_series(1::bigint, \(count)) AS n"
        )
        for number in 1..<count + 1 {
            try #require(try rows.next())
            let first = try #require(rows.bytes(0))
            try #require(Int64(postgreSQL: first) == number)
            let second = try #require(rows.bytes(1))
            try #require(String(decoding: second, as: UTF8.self) == "\(number) bottles")
            try #require(rows.bytes(2) == nil)
            try #require(rows.bytes(3) == nil)
        }
        #expect(try !rows.next())
        #expect(try !rows.next())
        #expect(try isUsable())
    }

    @Test("Whoever has enough ends them, or lets go of them, and the session goes on")
    func enough() throws {
        let query = "SELECT n FROM generate_series(1::bigint, 100000) AS n"
        let ended = try rows(query)
        for _ in 1...3 { #expect(try ended.next()) }
        ended.end()
        #expect(try !ended.next())
        #expect(try isUsable())
        do {
            let dropped = try rows(query)
            #expect(try dropped.next())
        }
        #expect(try isUsable())
        try rows(query).end()
        #expect(try isUsable())
    }

    @Test("A row with long values comes whole")
    func long() throws {
        let rows = try rows("SELECT repeat('x', 5000000), ''::bytea, repeat('y', 3000000)")
        #expect(try rows.next())
        #expect(rows.bytes(0)?.count == 5_000_000)
        #expect(rows.bytes(1)?.count == 0)
        #expect(rows.bytes(2)?.allSatisfy { $0 == UInt8(ascii: "y") } == true)
        #expect(try !rows.next())
    }

    @Test("A query that is refused leaves the session usable, at once or midway")
    func refused() throws {
        let error = #expect(throws: PostgreSQLError.self) { try rows("SELECT * FROM nowhere") }
        guard case .refused(code: "42P01", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try isUsable())
        var count = 0
        do {
            let rows = try rows("SELECT 1 / (50000 - n) FROM generate_series(1, 100000) AS n")
            #expect(throws: PostgreSQLError.refused(code: "22012", words: "division by zero")) {
                while try rows.next() { count += 1 }
            }
            #expect(try !rows.next())
        }
        #expect(count == 49_999)
        #expect(!session.isOver)
        #expect(try isUsable())
    }

    @Test(
        "Where the first row does not come in time, or the next one, the session is over",
        arguments: [1, 2]
    )
    func late(number: Int) throws {
        // So long that the first one does not wait for the second.
        let query = """
            SELECT repeat('x', 20000), CASE WHEN n = \(number) THEN pg_sleep(20) END \
            FROM generate_series(1, 2) AS n
            """
        #expect(throws: PostgreSQLError.late) {
            let rows = try session.copy(query, within: 200)
            while try rows.next() {}
        }
        #expect(session.isOver)
    }
}
