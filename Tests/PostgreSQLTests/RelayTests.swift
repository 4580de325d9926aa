import DatabaseFixture
import Testing

@testable import PostgreSQL

/// The relay by which tests cut a session off.
@Suite(
    "A relay before a database",
    .enabled(if: DatabaseServer.isUsed, "PostgreSQL is not installed")
)
struct RelayTests {
    private let relay: DatabaseRelay

    init() throws { relay = try DatabaseRelay(to: try DatabaseServer.shared.get()) }

    private func open(within milliseconds: Int64 = 10_000) throws -> Session {
        try Session(try ConnectionString(relay.uri), by: Deadline(in: milliseconds))
    }

    private func answer(_ session: Session, within milliseconds: Int64 = 10_000) throws -> Int64? {
        try session.run(SQLStatement("SELECT 7::bigint"), by: Deadline(in: milliseconds))
            .integer(0, 0)
    }

    @Test("What it holds up is neither answered nor refused, and whoever comes waits")
    func silent() throws {
        let session = try open()
        #expect(try answer(session) == 7)
        relay.silence()
        #expect(throws: PostgreSQLError.late) { try answer(session, within: 200) }
        let nothing = PostgreSQLError.unreachable("the database does not answer")
        #expect(throws: nothing) { try open(within: 200) }
        relay.open()
        #expect(try answer(open()) == 7)
    }

    @Test("What it cuts is over at once, and nobody is let in until it opens")
    func cut() throws {
        let session = try open()
        relay.cut()
        let error = #expect(throws: PostgreSQLError.self) { try answer(session) }
        #expect(error != .late && error?.endsSession == true)
        #expect(throws: PostgreSQLError.self) { try open() }
        relay.open()
        #expect(try answer(open()) == 7)
    }

    @Test("What was held up is over where the relay ends it")
    func ended() throws {
        let session = try open()
        relay.silence()
        relay.open(endingConnections: true)
        #expect(throws: PostgreSQLError.self) { try answer(session) }
        #expect(try answer(open()) == 7)
    }
}
