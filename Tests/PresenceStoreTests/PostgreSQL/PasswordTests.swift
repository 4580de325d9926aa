import DatabaseFixture
import Foundation
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

@Suite("A database with a password", .onPostgreSQL)
struct PasswordTests {
    private let server: DatabaseServer

    init() throws {
        server = try DatabaseServer()
        try server.query("CREATE ROLE bridge LOGIN PASSWORD 'r/i:g@ht'")
        try server.query("GRANT CREATE ON DATABASE \(DatabaseServer.name) TO bridge")
        server.end(.fast)
        let rules = "local all bridge scram-sha-256\nlocal all all trust\n"
        try Data(rules.utf8).write(to: URL(fileURLWithPath: server.path + "/pg_hba.conf"))
        try server.start()
    }

    private func string(_ user: String) throws -> ConnectionString {
        try ConnectionString(server.uri(database: DatabaseServer.name, user: user))
    }

    @Test("A wrong password is refused, in words that do not tell it")
    func wrong() throws {
        let addresses = [
            DatabaseAddress(try string("bridge:sesame")),
            DatabaseAddress(try string("bridge"), password: "sesame"),
            DatabaseAddress(try string("bridge:r%2Fi%3Ag%40ht"), password: "sesame"),
            DatabaseAddress(
                try ConnectionString(
                    "postgresql:///presence?user=bridge&password=sesame&host=\(server.path)"
                )
            ),
        ]
        for address in addresses {
            let error = try #require(PostgreSQLStore.refusal(address))
            let words = "\(error)"
            #expect(words.contains(#"password authentication failed for user "bridge""#))
            for secret in ["sesame", "r/i:g@ht", "r%2Fi"] { #expect(!words.contains(secret)) }
            let looked = DatabaseInspection.look(at: address).fault
            #expect(looked == error)
        }
    }

    @Test("Without one nobody is let in")
    func none() throws {
        let error = try #require(PostgreSQLStore.refusal(DatabaseAddress(try string("bridge"))))
        #expect("\(error)".contains("no password supplied"))
    }

    @Test("The right one is taken, from the URI and from beside it")
    func right() throws {
        let inside = DatabaseAddress(try string("bridge:r%2Fi%3Ag%40ht"))
        let store = try PostgreSQLStore.ready(inside)
        try store.commit([.user(1)], isRequested: true)
        store.close()
        let beside = DatabaseAddress(try string("bridge:sesame"), password: "r/i:g@ht")
        #expect(try PostgreSQLStore.everything(at: beside) == [.user(1)])
        #expect(beside.shown == inside.shown)
    }

    @Test("A session that was lost is opened again with it")
    func again() throws {
        let address = DatabaseAddress(try string("bridge"), password: "r/i:g@ht")
        let store = try PostgreSQLStore.ready(address)
        try server.endSession(of: address)
        try store.commit([.user(1)], isRequested: true)
        #expect(try store.everything() == [.user(1)])
    }
}
