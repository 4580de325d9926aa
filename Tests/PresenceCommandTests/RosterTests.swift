import PresenceClient
import Testing

@testable import PresenceCommand

@Suite("The roster")
struct RosterTests {
    private func status(_ name: String, _ word: String?, seq: Int64 = 1) -> UserStatus {
        let devices = word.map {
            [DeviceStatus(name: Name(checked: "phone"), status: StatusWord(checked: $0))]
        }
        return UserStatus(
            username: Name(checked: name),
            devices: devices ?? [],
            since: 1_000,
            updated: 1_000,
            seq: seq
        )
    }

    private func lines(
        _ roster: Roster,
        _ rows: Int,
        _ columns: Int = 60,
        warning: String? = nil,
        view: RosterView = RosterView()
    ) -> [String] {
        var (page, view) = (RosterPage(), view)
        return page.lines(
            roster,
            &view,
            warning: warning,
            size: Screen.Size(rows: rows, columns: columns),
            style: Style(isColored: false),
            now: 1_000
        )
    }

    @Test("Who is online comes first, then the names sort")
    func order() {
        var roster = Roster()
        for (name, word) in [("dave", nil), ("carol", "busy"), ("bob", nil), ("alice", "away")] {
            roster.update(status(name, word))
        }
        #expect(roster.statuses.map(\.username.text) == ["alice", "carol", "bob", "dave"])
        #expect(roster.onlineCount == 2)
        roster.update(status("alice", nil, seq: 2))
        roster.update(status("dave", "online", seq: 2))
        #expect(roster.statuses.map(\.username.text) == ["carol", "dave", "alice", "bob"])
        roster.remove(Name(checked: "carol"))
        #expect(roster.statuses.map(\.username.text) == ["dave", "alice", "bob"])
        #expect(roster.onlineCount == 1)
    }

    @Test("An older status changes nothing")
    func late() {
        var roster = Roster()
        let news = [
            roster.update(status("alice", "busy", seq: 5)),
            roster.update(status("alice", nil, seq: 5)),
            roster.update(status("alice", nil, seq: 4)),
        ]
        #expect(news == [true, false, false])
        #expect(roster.onlineCount == 1)
    }

    @Test("What does not fit the window is counted")
    func height() {
        var roster = Roster()
        for number in 0..<1_000 {
            roster.update(status("user\(1_000 + number)", number < 100 ? "online" : nil))
        }
        let page = lines(roster, 24)
        #expect(page.count == 24)
        #expect(page.first == "100 of 1000 online")
        #expect(page.last == "and 979 more, 79 of them online · ? keys · q quits")
        #expect(lines(roster, 1_002).count == 1_002)
        #expect(lines(roster, 1_002).last?.contains("user1999") == true)
        for rows in 1...5 { #expect(lines(roster, rows).count == rows) }
    }

    @Test("That it may be stale stands above all")
    func warning() {
        var roster = Roster()
        roster.update(status("alice", "online"))
        let page = lines(roster, 10, warning: "the bridge is away: statuses may be stale")
        #expect(page.first == "the bridge is away: statuses may be stale")
        #expect(lines(roster, 10, 12, warning: "the bridge is away").first == "the bridge …")
    }

    @Test("It is stale from the moment at which something is away until all is caught up on")
    func freshness() {
        let bridge = BridgeState(version: "1", started: 1, epoch: 1, grace: 60)
        var freshness = Freshness()
        #expect(freshness.warning == nil)
        freshness.hear(.bridge(nil))
        #expect(freshness.warning == "the bridge is away: statuses may be stale")
        freshness.hear(.bridge(bridge))
        #expect(freshness.warning == "catching up: statuses may be stale")
        freshness.hear(.caughtUp)
        #expect(freshness.warning == nil)
        freshness.hear(.connection(.down("cut")))
        #expect(freshness.warning == "no connection: statuses may be stale (cut)")
        freshness.hear(.connection(.up))
        #expect(freshness.warning == "catching up: statuses may be stale")
        freshness.hear(.caughtUp)
        #expect(freshness.warning == nil)
    }

    @Test("Missing events and a second bridge are told when nothing worse is")
    func otherWarnings() {
        var freshness = Freshness()
        freshness.hear(.severalBridges([Name(checked: "a"), Name(checked: "b")]))
        #expect(
            freshness.warning == "2 bridges serve this prefix, where there should be one: a, b"
        )
        freshness.hear(.missingEvents(topic: "presence/event/alice"))
        #expect(
            freshness.warning
                == "events do not arrive, statuses come late: may this user read presence/event/alice?"
        )
        freshness.hear(.bridge(nil))
        #expect(freshness.warning == "the bridge is away: statuses may be stale")
        freshness = Freshness()
        freshness.hear(.missingEvents(topic: nil))
        freshness.hear(.severalBridges([]))
        #expect(freshness.warning == nil)
    }

    @Test("Only lines that change are written")
    func screen() {
        var screen = Screen()
        _ = screen.update(to: ["a", "b", "c"])
        var written = [
            screen.update(to: ["a", "b", "c"]), screen.update(to: ["a", "x", "c"]),
            screen.update(to: ["a"]),
        ]
        #expect(written == ["", "\u{1B}[2;1H\u{1B}[Kx", "\u{1B}[2;1H\u{1B}[J"])
        screen.forget()
        written = [screen.update(to: ["a"])]
        #expect(written == ["\u{1B}[2J\u{1B}[1;1H\u{1B}[Ka"])
    }
}
