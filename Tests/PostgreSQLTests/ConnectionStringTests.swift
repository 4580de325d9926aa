import Testing

@testable import PostgreSQL

@Suite("The URI of a database")
struct ConnectionStringTests {
    @Test(
        "Is told without its password",
        arguments: [
            ("postgresql://bridge:secret@host/db", "postgresql://bridge@host/db"),
            ("postgres://bridge:secret@host:5433/db", "postgres://bridge@host:5433/db"),
            ("postgresql://:secret@host/db", "postgresql://@host/db"),
            ("postgresql://b@host/db?password=secret", "postgresql://b@host/db"),
            (
                "postgresql:///db?host=/run&password=secret&user=b",
                "postgresql:///db?host=/run&user=b"
            ),
            ("postgresql://h/db?sslpassword=secret", "postgresql://h/db"),
            ("postgresql://h/db?pass%77ord=secret", "postgresql://h/db"),
            (
                "postgresql://b:secret%40%2F%3Asecret@h1:1,h2:2/db?sslmode=require",
                "postgresql://b@h1:1,h2:2/db?sslmode=require"
            ),
            ("postgresql://b:se?cr&et=secret@h/db", "postgresql://b@h/db"),
            ("postgresql://b:#secret:secret@[::1]:5432/db", "postgresql://b@[::1]:5432/db"),
            ("postgresql://b:s\u{E9}cret%20secret@h", "postgresql://b@h"),
            ("postgresql://h/db?password=secret/secret@secret?secret", "postgresql://h/db"),
        ]
    )
    func shown(uri: String, expected: String) throws {
        let string = try ConnectionString(uri)
        #expect(string.shown == expected)
        #expect(string.hasPassword || uri.contains("sslpassword"))
    }

    @Test(
        "Where an odd character was not escaped, nothing of the password is told either",
        arguments: [
            "postgresql://b:secret@secret@host/db", "postgresql://b:1/secret@host/db",
            "postgresql://b:secret/secret@host/db", "postgresql://b:secret/1@host/db",
            "postgresql://b:secret%zz@host/db", "postgresql://b:secret%@host/db",
            "postgresql://b:12/34/secret@host/db?user=b",
        ]
    )
    func misread(uri: String) {
        do {
            #expect(!(try ConnectionString(uri).shown.contains("secret")))
        } catch {
            #expect(!error.description.contains("secret"))
        }
    }

    @Test(
        "What is none is refused, in words that quote nothing of it",
        arguments: [
            "postgresql://[secret/db", "postgresql://h/db?secret", "postgresql://h/db?secret=1",
            "postgresql://b:secret%zz@h/db", "postgresql://h/db?password=a=secret",
        ]
    )
    func refused(uri: String) throws {
        let fault = #expect(throws: ConnectionString.Fault.self) { try ConnectionString(uri) }
        #expect(fault?.description == "is no URI that libpq can read")
    }

    @Test("Where a password's / was not escaped, it is said how it is")
    func straySign() throws {
        let fault = #expect(throws: ConnectionString.Fault.self) {
            try ConnectionString("postgresql://b:1/secret@host/db")
        }
        #expect(fault?.description.contains("%2F") == true)
        #expect(try ConnectionString("postgresql://b@h/d%40b?host=/run/@x").shown.hasSuffix("@x"))
    }

    @Test("A password beside it is used in place of its own")
    func password() throws {
        let string = try ConnectionString("postgresql://b:inside@h/db?connect_timeout=3")
        let own = Dictionary(uniqueKeysWithValues: string.pairs(password: nil).map { ($0, $1) })
        #expect(own["password"] == "inside")
        #expect(own["connect_timeout"] == "3")
        #expect(own["client_encoding"] == "UTF8")
        #expect(own["target_session_attrs"] == "read-write")
        let other = string.pairs(password: "beside").first { $0.keyword == "password" }
        #expect(other?.value == "beside")
        let plain = try ConnectionString("postgresql://h/db")
        #expect(!plain.hasPassword)
        #expect(plain.pairs(password: nil).allSatisfy { $0.keyword != "password" })
    }
}
