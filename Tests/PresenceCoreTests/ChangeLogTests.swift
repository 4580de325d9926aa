import Presence
import Testing

@testable import PresenceCore

@Suite("The change log")
struct ChangeLogTests {
    private static func keeping(_ limits: inout Limits) { limits.historyKeep = .seconds(86_400) }

    private func lines(_ bridge: Bridge) -> [String] {
        bridge.disk.logged.map { "\($0.user) \($0.kind.rawValue)" }
    }

    @Test("Each kind of change has its word, and its row the status as it was told")
    func kinds() throws {
        var bridge = Bridge.serving(Self.keeping)
        bridge.says("bob/phone", "online")
        bridge.says("bob/desk", "away")
        bridge.says("bob/desk", "busy")
        bridge.says("bob/phone", "dnd")
        bridge.send(.asks("bob", "publish", #"{"description":"back at 5"}"#))
        let retained = bridge.statuses[Name(checked: "bob")]
        #expect(bridge.disk.logged.last?.status == retained)
        #expect(bridge.disk.logged.last?.time == bridge.status("bob")?.updated)
        bridge.says("bob/phone", "offline")
        bridge.says("bob/desk", "offline")
        bridge.pass(.seconds(2))
        #expect(
            lines(bridge) == [
                "bob online", "bob devices", "bob status", "bob devices",
                "bob description", "bob offline",
            ]
        )
    }

    @Test("A user who changes twice in a turn has one row, and one who ends as before has none")
    func oneRow() {
        var bridge = Bridge.serving(Self.keeping)
        let birth = bridge.statement("bob/phone", "online")
        bridge.send(birth, .asks("bob", "publish", #"{"description":"hi"}"#))
        #expect(lines(bridge) == ["bob online"])
        #expect(bridge.disk.logged[0].status == bridge.statuses[Name(checked: "bob")])
        let away = bridge.statement("bob/phone", "away")
        let back = bridge.statement("bob/phone", "online")
        bridge.send(away, back)
        #expect(bridge.disk.logged.count == 1)
    }

    @Test("Where nobody reads it nothing is logged")
    func off() {
        var bridge = Bridge.serving()
        bridge.says("bob/phone", "online")
        #expect(bridge.disk.logged.isEmpty)
        #expect(bridge.disk.logEnd == nil)
    }

    @Test("While the store takes nothing the newest change of each user waits, with its true kind")
    func failing() {
        var bridge = Bridge.serving(Self.keeping)
        bridge.storeFault = "full"
        bridge.says("bob/phone", "online")
        bridge.says("bob/phone", "away")
        bridge.says("carol/phone", "online")
        bridge.pass(.milliseconds(1_000))
        let asked = bridge.send(.asks("bob", "publish", #"{"description":"lost"}"#))
        #expect(asked.errorCode == "unavailable")
        #expect(bridge.disk.logged.isEmpty)
        bridge.storeFault = nil
        bridge.pass(.seconds(2))
        #expect(lines(bridge) == ["bob online", "carol online"])
        #expect(bridge.disk.logged[0].status == bridge.statuses[Name(checked: "bob")])
    }

    @Test("What a request changed in vain is not logged, and what waited then is")
    func takenBack() {
        var bridge = Bridge.serving(Self.keeping)
        bridge.storeFault = "full"
        bridge.says("bob/phone", "online")
        bridge.now = bridge.now.advanced(by: .seconds(1))
        let publishing = bridge.send(.asks("bob", "publish", #"{"description":"lost"}"#))
        #expect(publishing.errorCode == "unavailable")
        bridge.storeFault = nil
        bridge.pass(.seconds(2))
        #expect(lines(bridge) == ["bob online"])
        #expect(!String(decoding: bridge.disk.logged[0].status, as: UTF8.self).contains("lost"))
    }

    @Test(
        "A word and a request that come together while the store takes nothing: the word alone waits"
    )
    func takenBackTogether() {
        var bridge = Bridge.serving(Self.keeping)
        bridge.says("bob/phone", "online")
        bridge.storeFault = "full"
        let word = bridge.statement("bob/phone", "away")
        let effects = bridge.send(word, .asks("bob", "publish", #"{"description":"lost"}"#))
        #expect(effects.errorCode == "unavailable")
        bridge.storeFault = nil
        bridge.pass(.seconds(2))
        #expect(lines(bridge) == ["bob online", "bob status"])
        #expect(bridge.disk.logged[1].status == bridge.statuses[Name(checked: "bob")])
    }

    @Test("A kind of change that nobody reads is not logged, and one that a webhook wants is")
    func webhooks() {
        var bridge = Bridge.serving { $0.webhookEvents = [.online, .offline] }
        bridge.says("bob/phone", "online")
        bridge.says("bob/phone", "away")
        bridge.says("bob/phone", "offline")
        bridge.pass(.seconds(2))
        #expect(lines(bridge) == ["bob online", "bob offline"])
    }

    @Test(
        "Where changes are not kept any more an id is given up, by which who reads on finds it out"
    )
    func paused() {
        var bridge = Bridge.serving(Self.keeping)
        bridge.says("bob/phone", "online")
        let last = bridge.disk.logged[0].id
        var limits = Limits()
        bridge.send(.limitsChanged(limits))
        #expect(bridge.disk.logEnd == last + 1)
        bridge.says("bob/phone", "away")
        #expect(lines(bridge) == ["bob online"])
        limits.historyKeep = .seconds(86_400)
        bridge.send(.limitsChanged(limits))
        bridge.says("bob/phone", "online")
        #expect(bridge.disk.logged[1].id == last + 2)
    }

    @Test("Each run's ids begin behind the time, and so behind those that are known no more")
    func restart() {
        var bridge = Bridge.serving(Self.keeping)
        bridge.says("bob/phone", "online")
        bridge.restart()
        bridge.connect()
        bridge.says("bob/phone", "away")
        #expect(lines(bridge) == ["bob online", "bob status"])
        #expect(bridge.disk.logged[0].id > 1_700_000_000_000)
        #expect(bridge.disk.logged[1].id > bridge.disk.logged[0].id + 100)
    }

    @Test("A status that was told but not stored gets a row when found, under an id of its own")
    func found() throws {
        var bridge = Bridge.serving(Self.keeping)
        bridge.says("bob/phone", "online")
        let kept = bridge.disk
        bridge.says("bob/phone", "away")
        // The store is one from before.
        bridge.disk = kept
        bridge.restart()
        bridge.connect()
        let rows = bridge.disk.logged
        #expect(rows.map(\.kind) == [.online, .status])
        #expect(rows[1].status == bridge.statuses[Name(checked: "bob")])
        // Another change may have had the number 2, and may have been read.
        #expect(rows[1].id > 1_700_000_000_000)
    }

    @Test("Who is forgotten leaves no row, and who is erased none at all")
    func erased() {
        var bridge = Bridge.serving(Self.keeping)
        bridge.says("bob/phone", "online")
        bridge.says("carol/phone", "online")
        let effects = bridge.send(.asked(Question(number: 1, .erasure, about: "bob")))
        #expect(
            effects.contains { if case .save(_, isRequested: true) = $0 { true } else { false } }
        )
        #expect(lines(bridge) == ["carol online"])
        bridge.says("carol/phone", "offline")
        bridge.pass(.seconds(31 * 86_400))
        #expect(bridge.statuses.isEmpty)
        #expect(lines(bridge) == ["carol online", "carol offline"])
        // Nobody knows carol any more, and she can be erased all the same.
        bridge.send(.asked(Question(number: 2, .erasure, about: "carol")))
        #expect(bridge.disk.logged.isEmpty)
    }

    @Test("An erasure that the store does not take is refused, and made up for")
    func erasedInVain() {
        var bridge = Bridge.serving(Self.keeping)
        bridge.says("bob/phone", "online")
        bridge.storeFault = "full"
        let effects = bridge.send(.asked(Question(number: 1, .erasure, about: "bob")))
        #expect(effects.contains(.answer(1, .failure(PresenceCore.unavailable))))
        bridge.storeFault = nil
        bridge.pass(.seconds(2))
        #expect(bridge.disk.logged.isEmpty)
    }
}
