import Foundation
import PresenceStore
import Testing

@testable import PresenceBridge

@Suite("A database for the store")
struct DatabaseSettingsTests {
    private let sample: ConfigurationSample

    init() throws { sample = try ConfigurationSample() }

    @Test(
        "A path is a file, and a URI of PostgreSQL a database",
        arguments: ["postgresql", "postgres"]
    )
    func location(scheme: String) throws {
        #expect(try sample.load("store a/b:c.db\n").settings.store.location == .file("a/b:c.db"))
        let settings = try sample.load("store \(scheme)://bridge@db:5433/presence\n").settings
        #expect(settings.store.location.shown == "\(scheme)://bridge@db:5433/presence")
        #expect(settings.store.database?.schema == "presence")
        #expect(settings.store.database?.password == nil)
    }

    @Test("Another URI, or one that cannot be read, is refused, and not quoted")
    func otherURIs() throws {
        for uri in [
            "mysql://u:secret@h/d", "file:///tmp/x", "postgresql://u:secret@h/%zz", "://",
        ] {
            let problems = try sample.problems("store \(uri)\n")
            #expect(problems.count == 1, "\(uri)")
            #expect(
                problems.first?.hasPrefix("bridge.conf:1: store: the value is ") == true,
                "\(problems)"
            )
            #expect(problems.first?.contains("allowed: the path of a file") == true)
            #expect(problems.first?.contains("secret") == false)
        }
    }

    @Test("A password is shown nowhere")
    func password() throws {
        let configuration = try sample.load(
            "store postgresql://bridge:hunter2@db/presence?sslmode=require&password=hunter2\n"
        )
        let shown = Setting.named("store")?.show(configuration.settings) ?? ""
        #expect(shown == "postgresql://bridge@db/presence?sslmode=require")
        #expect(!configuration.announcement.contains("hunter2"))
        #expect(!configuration.report.contains("hunter2"))
    }

    @Test("A password comes from one place; its file is read, and must hold one")
    func passwordFile() throws {
        let path = try sample.write("hunter2\n", as: "db.password")
        let key = "store_password_file \(path)\n"
        let settings = try sample.load("store postgresql://bridge@db/presence\n" + key).settings
        #expect(settings.store.database?.password == "hunter2")
        let both = try sample.problems("store postgresql://bridge:x@db/presence\n" + key)
        #expect(
            both == [
                "bridge.conf:2: store_password_file: excludes a password in store (bridge.conf:1): it comes from"
                    + " one of them"
            ]
        )
        let empty = try sample.write("\n", as: "db.password")
        let problems = try sample.problems("store postgresql://h/d\nstore_password_file \(empty)\n")
        #expect(problems.count == 1)
        #expect(problems.first?.contains("is no password") == true)
    }

    @Test(
        "A schema is a name that SQL takes as it is",
        arguments: ["pg_x", "1a", "A", "a-b", "ä", "a b"]
    )
    func schema(name: String) throws {
        let problems = try sample.problems("store_schema \(name)\n")
        #expect(problems.count == 1)
        #expect(problems.first?.contains("store_schema: '\(name)' is no such name") == true)
        #expect(try sample.problems("store postgresql://h/d\nstore_schema a_1\n").isEmpty)
    }

    @Test("What is for a database is said to be of no use for a file")
    func ofNoUse() throws {
        let warnings = try sample.load("store_schema other\n").warnings
        #expect(
            warnings == [
                "store_schema (\(sample.path("bridge.conf")):1) is for a database: the store is a file"
            ]
        )
    }
}
