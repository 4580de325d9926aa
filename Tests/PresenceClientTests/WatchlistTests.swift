import Presence
import Testing

@testable import PresenceClient

@Suite("Whom the user is subscribed to")
struct WatchlistTests {
    private let bob = Name(checked: "bob")

    private func status(_ user: String, _ seq: Int64) -> UserStatus {
        UserStatus(username: Name(checked: user), seq: seq)
    }

    @Test("Each status is told once, and none after a newer one")
    func news() {
        var list = Watchlist()
        let told = [0, 5, 5, 4, 6].map { list.isNews(status("bob", $0)) }
        #expect(told == [true, true, false, false, true])
    }

    @Test("Whoever is subscribed to again is told from the beginning")
    func ends() {
        var list = Watchlist()
        list.subscribed(to: bob, until: 100)
        let first = list.isNews(status("bob", 5))
        list.ended(bob)
        let again = list.isNews(status("bob", 5))
        #expect(first && again && list.end(of: bob) == nil)
    }

    @Test("A subscription to everyone keeps what was told of those who are not watched by name")
    func everyone() {
        var list = Watchlist()
        list.subscribedToEveryone(until: 100)
        list.subscribed(to: bob, until: 50)
        _ = list.isNews(status("bob", 5))
        _ = list.isNews(status("carol", 5))
        list.ended(bob)
        let before = list.isNews(status("bob", 5))
        list.subscribed(to: bob, until: 50)
        list.ended(nil)
        let after = [list.isNews(status("bob", 5)), list.isNews(status("carol", 5))]
        #expect(!before && after == [false, true])
    }
}
