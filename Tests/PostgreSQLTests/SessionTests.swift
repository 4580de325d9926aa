import DatabaseFixture
import Foundation
import Testing

@testable import PostgreSQL

@Suite("A session", .enabled(if: DatabaseServer.isUsed, "PostgreSQL is not installed"))
struct SessionTests {
    private let server: DatabaseServer
    private let session: Session

    init() throws {
        server = try DatabaseServer.shared.get()
        session = try Session(try ConnectionString(server.uri), by: Deadline(in: 10_000))
    }

    private func number(_ sql: String, in session: Session) throws(PostgreSQLError) -> Int64? {
        try session.run(SQLStatement(sql), by: Deadline(in: 10_000)).integer(0, 0)
    }

    @Test("A statement that is refused takes those behind it along, and leaves the session usable")
    func refused() throws {
        let table = server.newSchema()
        let statements = [
            SQLStatement("CREATE TABLE \(table) (n bigint)"),
            SQLStatement("INSERT INTO \(table) VALUES (1 / $1)", .integer(0)),
            SQLStatement("SELECT 3::bigint"),
        ]
        for _ in 1...2 {
            let error = #expect(throws: PostgreSQLError.self) {
                try session.run(statements, by: Deadline(in: 10_000))
            }
            #expect(error == .refused(code: "22012", words: "division by zero"))
        }
        #expect(!session.isOver)
        #expect(try number("SELECT 3::bigint", in: session) == 3)
        // Nothing of it was done.
        #expect(try number("SELECT to_regclass('\(table)')::oid::bigint", in: session) == nil)
    }

    @Test("A transaction that is open then is rolled back")
    func rolledBack() throws {
        #expect(throws: PostgreSQLError.self) {
            try session.run(
                [SQLStatement("BEGIN"), SQLStatement("SELECT 1::bigint / 0")],
                by: Deadline(in: 10_000)
            )
        }
        #expect(try number("SELECT 4::bigint", in: session) == 4)
    }

    @Test("What is no SQL is refused, and again")
    func syntax() throws {
        for _ in 1...2 {
            let error = #expect(throws: PostgreSQLError.self) { try number("SELEKT", in: session) }
            guard case .refused(code: "42601", _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(try number("SELECT 5::bigint", in: session) == 5)
    }

    @Test("An answer that does not come in time ends the session, and no one waits for it")
    func late() throws {
        let time = ContinuousClock().measure {
            #expect(throws: PostgreSQLError.late) {
                try session.run(SQLStatement("SELECT pg_sleep(20)"), by: Deadline(in: 200))
            }
        }
        #expect(time > .milliseconds(190) && time < .seconds(5))
        #expect(session.isOver)
        let error = #expect(throws: PostgreSQLError.self) {
            try number("SELECT 1::bigint", in: session)
        }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "A session whose server is gone says so",
        arguments: [DatabaseServer.Ending.fast, .immediate, .killed]
    )
    func gone(ending: DatabaseServer.Ending) throws {
        let server = try DatabaseServer()
        let string = try ConnectionString(server.uri)
        let asking = try Session(string, by: Deadline(in: 10_000))
        let idle = try Session(string, by: Deadline(in: 10_000))
        #expect(!idle.hasEnded())
        server.end(ending)
        let error = #expect(throws: PostgreSQLError.self) {
            try number("SELECT 1::bigint", in: asking)
        }
        #expect(error?.endsSession == true)
        #expect(asking.isOver)
        var looks = 0
        while !idle.hasEnded(), looks < 2_000 {
            looks += 1
            usleep(5_000)
        }
        #expect(idle.isOver)
        #expect(throws: PostgreSQLError.self) { try Session(string, by: Deadline(in: 1_000)) }
    }
}
