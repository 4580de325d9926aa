import DatabaseFixture
import Foundation
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

@Suite("Databases that hold no store, or let nobody in", .onPostgreSQL)
struct RefusalTests {
    private let server: DatabaseServer

    init() throws { server = try DatabaseServer.shared.get() }

    /// Why a store cannot be opened.
    private func reason(
        _ address: DatabaseAddress,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> String {
        guard case .cannotOpen(address.shown, let reason) = PostgreSQLStore.refusal(address) else {
            Issue.record("it is taken, or refused otherwise", sourceLocation: sourceLocation)
            return ""
        }
        return reason
    }

    @Test("A store of a later release is refused and left as it is")
    func newerVersion() throws {
        let address = try server.newAddress()
        let store = try PostgreSQLStore.ready(address)
        try store.commit([.user(1)], isRequested: true)
        store.close()
        try server.query("UPDATE \(address.schema).store SET version = 9")
        let expected = StoreError.newerVersion(path: address.shown, found: 9, known: 1)
        #expect(PostgreSQLStore.refusal(address) == expected)
        #expect("\(expected)".contains("version 9"))
        let left = try server.query("SELECT version, sequence FROM \(address.schema).store")
        #expect(left == "9|1")
    }

    @Test("A schema with tables of another program is refused and left as it is")
    func otherTables() throws {
        let address = try server.newAddress()
        let schema = address.schema
        try server.query("CREATE SCHEMA \(schema)")
        try server.query("CREATE TABLE \(schema).store (x integer)")
        #expect(PostgreSQLStore.refusal(address) == .otherTables(path: address.shown))
        let left = try server.query(
            "SELECT relname FROM pg_class WHERE relnamespace = '\(schema)'::regnamespace"
        )
        #expect(left == "store")
        try server.query("DROP TABLE \(schema).store")
        #expect(PostgreSQLStore.refusal(address) == nil)
    }

    @Test("A schema is named as any text")
    func oddSchema() throws {
        let string = try ConnectionString(server.uri)
        let odd = DatabaseAddress(string, schema: "odd \"; DROP SCHEMA x; -- \(server.newSchema())")
        let store = try PostgreSQLStore.ready(odd)
        try store.commit([.user(1)], isRequested: true)
        store.close()
        #expect(try PostgreSQLStore.everything(at: odd) == [.user(1)])
    }

    @Test("A database of another encoding is refused", arguments: ["LATIN1", "SQL_ASCII"])
    func otherEncoding(encoding: String) throws {
        let options = "ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C'"
        let address = try server.makeDatabase("in_\(encoding.lowercased())", options)
        let expected = StoreError.otherEncoding(path: address.shown, found: encoding)
        #expect(PostgreSQLStore.refusal(address) == expected)
        #expect("\(expected)".contains(encoding))
    }

    @Test("A database that only reads is refused")
    func readOnly() throws {
        let address = try server.makeDatabase("read_only", "")
        try server.query(
            "ALTER DATABASE read_only SET default_transaction_read_only = on",
            in: "postgres"
        )
        #expect(reason(address).contains("read-only"))
    }

    @Test("A database that is not there is refused")
    func noDatabase() throws {
        let string = try ConnectionString(server.uri(database: "nowhere"))
        #expect(reason(DatabaseAddress(string)).contains(#"database "nowhere" does not exist"#))
    }

    @Test("A server that is not there is refused")
    func noServer() throws {
        let host = try ConnectionString("postgresql://b:secret@no-such-host.invalid/db")
        let unknown = reason(DatabaseAddress(host))
        #expect(unknown.contains("no-such-host.invalid"))
        #expect(!unknown.contains("secret"))
        let socket = try ConnectionString("postgresql:///db?host=/nowhere&password=secret")
        let missing = reason(DatabaseAddress(socket))
        #expect(missing.contains("/nowhere/.s.PGSQL.5432"))
        #expect(!missing.contains("secret"))
    }

    @Test("A role that may not make the schema is refused, and taken where there is one")
    func noRights() throws {
        try server.query("CREATE ROLE guest LOGIN")
        let string = try ConnectionString(
            server.uri(database: DatabaseServer.name, user: "guest")
        )
        let address = DatabaseAddress(string, schema: server.newSchema())
        #expect(reason(address).contains("permission denied for database"))
        try server.query("CREATE SCHEMA \(address.schema) AUTHORIZATION guest")
        #expect(PostgreSQLStore.refusal(address) == nil)
        // Once it has its tables, it may have no more rights than to use them.
        try server.query("REASSIGN OWNED BY guest TO \(DatabaseServer.name)")
        #expect(reason(address).contains("permission denied"))
        try server.query(
            """
            GRANT USAGE ON SCHEMA \(address.schema) TO guest; \
            GRANT ALL ON ALL TABLES IN SCHEMA \(address.schema) TO guest
            """
        )
        #expect(PostgreSQLStore.refusal(address) == nil)
    }
}
