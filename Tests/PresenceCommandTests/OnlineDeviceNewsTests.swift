import PresenceClient
import Testing

@testable import PresenceCommand

@Suite("What a login says")
struct OnlineDeviceNewsTests {
    private let bridge = Update.bridge(BridgeState(version: "1", started: 1, epoch: 1, grace: 60))

    @Test("Each change is a line, and what was said already is none")
    func bridgeChanges() {
        var news = OnlineDeviceNews("desk", bridgeIsThere: true)
        let lines = [bridge, .bridge(nil), .bridge(nil), bridge].map { news.hear($0) }
        #expect(
            lines == [
                nil, "the bridge is away: nobody is told until it is back", nil,
                "the bridge is back",
            ]
        )
        var alone = OnlineDeviceNews("desk", bridgeIsThere: false)
        let first = [.bridge(nil), bridge, .bridge(nil), bridge].map { alone.hear($0) }
        #expect(first[0] == nil && first[1] == "a bridge is there")
        #expect(first[3] == "the bridge is back")
    }

    @Test("A lost connection is a line, and so is the next one")
    func connection() {
        var news = OnlineDeviceNews("desk", bridgeIsThere: true)
        let updates: [Update] = [
            .connection(.up), .connection(.down("cut")), .connection(.down("cut")),
            .connection(.up),
        ]
        let lines = updates.map { news.hear($0) }
        #expect(lines == [nil, "cut; trying again", nil, "connected again"])
    }

    @Test("Two bridges, and another program with the device's name, are named")
    func mistakes() {
        var news = OnlineDeviceNews("desk", bridgeIsThere: true)
        let ids = [Name(checked: "a"), Name(checked: "b")]
        let two = news.hear(.severalBridges(ids))
        #expect(two == "2 bridges serve this prefix, where there should be one: a, b")
        let one = news.hear(.severalBridges([]))
        #expect(one == nil)
        let replaced = news.hear(.deviceReplaced(StatusWord(checked: "away"))) ?? ""
        #expect(replaced.hasPrefix("the device desk is away now: another program uses this name"))
        let gone = news.hear(.deviceReplaced(nil)) ?? ""
        #expect(gone.contains("logged out the device desk") && gone.contains("--id"))
    }
}
