import DatabaseFixture
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

@Suite("Databases that sort as people do", .onPostgreSQL)
struct CollationTests {
    @Test(
        "Names come back in the order of their bytes",
        arguments: [
            "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'", "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
        ]
    )
    func order(options: String) throws {
        let server = try DatabaseServer.shared.get()
        let address = try server.makeDatabase(server.newSchema(), "ENCODING 'UTF8' \(options)")
        let names = [
            "B", "Phone", "Z", "a", "e\u{301}", "phone", "z", "\u{E9}", "\u{FC}", "\u{1F600}",
        ]
        let changes: [Change] =
            [.user(1), .user(2)]
            + (1...2 as ClosedRange<UserID>).flatMap { user in names.map { .device(user, $0) } }
        let store = try PostgreSQLStore.ready(address)
        try store.commit(changes.shuffled(), isRequested: false)
        #expect(try store.everything() == changes)
        #expect(store.rows == 22)
        try store.commit([.removeDevice(user: 1, name: Name(checked: "E"))], isRequested: false)
        try store.commit(
            [.removeDevice(user: 2, name: Name(checked: "\u{E9}"))],
            isRequested: false
        )
        store.close()
        #expect(
            try PostgreSQLStore.everything(at: address)
                == changes.filter {
                    $0 != .device(2, "\u{E9}")
                }
        )
    }
}
