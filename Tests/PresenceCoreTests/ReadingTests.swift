import Presence
import Testing

@testable import PresenceCore

@Suite("Readings at a connection")
struct ReadingTests {
    @Test("Nothing is told before the end of the reading; then statuses, then the bridge's own")
    func silence() {
        var bridge = Bridge()
        let begun = bridge.send(.brokerFound)
        #expect(begun.count == 1)
        #expect(begun.readings.map(\.id) == [1])
        bridge.topics[DeviceKey("alice/phone")] = Array("online".utf8)
        bridge.topics[DeviceKey("bob/phone")] = Array("Bad!".utf8)
        bridge.topics[DeviceKey("carol/phone")] = Array("lost".utf8)
        for input in bridge.found(1, .connection) {
            #expect(bridge.send(input).told == [])
        }
        #expect(bridge.core.idleTime(at: bridge.now) == nil)
        let ended = bridge.send(.readingEnded(1)).told
        #expect(ended.first?.hasPrefix("status/alice") == true)
        #expect(ended.contains("clear device/bob/phone"))
        #expect(ended.contains("clear device/carol/phone"))
        #expect(ended.last == "serve 1 60")
        #expect(ended.count == 5)
    }

    @Test("A crash in the middle of a reading leaves nothing behind that misleads")
    func crash() {
        var bridge = Bridge()
        bridge.topics[DeviceKey("alice/phone")] = Array("online".utf8)
        bridge.send(.brokerFound)
        for input in bridge.found(1, .connection) {
            bridge.send(input)
        }
        bridge.restart()
        bridge.connect()
        #expect(bridge.word("alice") == "online")
        #expect(bridge.disk.deviceTexts == ["alice/phone online"])
    }

    @Test("What is heard as the connection breaks is stored with its status, or not at all")
    func heardAtTheEnd() {
        var bridge = Bridge.serving()
        let birth = bridge.statement("alice/phone", "online")
        bridge.send(birth, .brokerLost)
        #expect(bridge.disk.deviceTexts == [])
        bridge.restart()
        bridge.connect()
        #expect(bridge.word("alice") == "online")
        #expect(bridge.disk.deviceTexts == ["alice/phone online"])
    }

    @Test("A restart of the bridge tells nothing about those who stayed as they were")
    func unchanged() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("bob/phone", "online")
        bridge.says("bob/phone", "offline")
        bridge.pass(.seconds(5))
        bridge.restart()
        let effects = bridge.connect()
        #expect(effects.statuses == [])
        #expect(effects.told.last == "serve 1 60")
    }

    @Test("What changed while the bridge was away is told once")
    func changed() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("bob/phone", "online")
        bridge.restart()
        bridge.topics[DeviceKey("alice/phone")] = Array("away".utf8)
        bridge.topics[DeviceKey("bob/phone")] = Array("lost".utf8)
        #expect(bridge.connect().statuses.count == 1)
        #expect(bridge.word("alice") == "away")
        #expect(bridge.pass(.milliseconds(2_999)).statuses == [])
        #expect(bridge.pass(.milliseconds(1)).statuses.count == 1)
        #expect(bridge.status("bob")?.cause == .lost)
    }

    @Test("A status that is missing or old is retained anew")
    func missingStatus() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("bob/phone", "online")
        let old = bridge.statuses[Name(checked: "bob")]
        bridge.says("bob/phone", "away")
        bridge.statuses[Name(checked: "alice")] = nil
        bridge.statuses[Name(checked: "bob")] = old
        #expect(bridge.reconnect().statuses.count == 2)
        #expect(bridge.word("alice") == "online")
        #expect(bridge.word("bob") == "away")
        #expect(bridge.reconnect().statuses == [])
    }

    @Test(
        "Statuses that the broker dropped from a reading are retained and told again by their seq"
    )
    func droppedStatuses() {
        var bridge = Bridge.serving()
        for user in ["alice", "bob", "carol"] { bridge.says("\(user)/phone", "online") }
        bridge.send(.asks("carol", "subscribe", #"{"usernames":["alice","bob"]}"#))
        bridge.pass(.seconds(1))
        let retained = bridge.statuses
        bridge.send(.brokerLost)
        let order = bridge.send(.brokerFound).readings[0]
        let found = bridge.found(order.id, order.scope).filter { input in
            if case .statusFound(Name(checked: "bob"), _) = input { false } else { true }
        }
        let ended = bridge.send(found + [.readingCut(order.id), .readingEnded(order.id)])
        #expect(ended.retained == ["bob"])
        #expect(ended.messages(to: "carol") == ["[\(bridge.statusText("bob") ?? "")]"])
        #expect(bridge.statuses == retained, "the seq is the one that it had")
        var later = bridge.answerReadings(in: ended)
        later += bridge.pass(.seconds(1))
        #expect(later.retained == [])
        #expect(later.messages(to: "carol") == [])
    }

    @Test("A retained status that is none is cleared, or replaced by what is known")
    func badStatus() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.statuses[Name(checked: "alice")] = [0x7B]
        bridge.statuses[Name(checked: "bob")] = [0x7B]
        let effects = bridge.reconnect()
        #expect(effects.statuses.count == 2)
        #expect(bridge.word("alice") == "online")
        #expect(bridge.statuses[Name(checked: "bob")] == nil)
    }

    @Test("A topic that is missing is asked for alone, and only then it is gone")
    func missing() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("bob/phone", "online")
        bridge.send(.brokerLost)
        var effects = bridge.send(.brokerFound)
        let kept = bridge.topics
        bridge.topics = [:]
        let first = bridge.found(effects.readings[0].id, .connection)
        effects = bridge.send(first + [.readingEnded(effects.readings[0].id)])
        #expect(effects.told == [])
        #expect(
            effects.readings.map(\.scope) == [
                .devices([DeviceKey("alice/phone"), DeviceKey("bob/phone")])
            ]
        )
        bridge.topics[DeviceKey("alice/phone")] = kept[DeviceKey("alice/phone")]
        effects = bridge.answerReadings(in: effects)
        #expect(effects.statuses == [])
        bridge.pass(.seconds(1))
        #expect(bridge.word("alice") == "online")
        #expect(bridge.status("bob")?.cause == .logout)
    }

    @Test("A topic that is missing alone where the broker dropped something is asked for again")
    func cutConfirmation() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("bob/phone", "online")
        let kept = bridge.topics
        bridge.topics = [:]
        var effects = bridge.send(.readingStalled)
        effects = bridge.send(.readingEnded(effects.readings[0].id))
        // Of the two the broker has room for one.
        let first = effects.readings[0]
        bridge.topics[DeviceKey("alice/phone")] = kept[DeviceKey("alice/phone")]
        let found = bridge.found(first.id, first.scope)
        effects = bridge.send(found + [.readingCut(first.id), .readingEnded(first.id)])
        #expect(effects.readings.map(\.scope) == [.devices([DeviceKey("bob/phone")])])
        #expect(bridge.pass(.seconds(5)).statuses == [])
        bridge.topics = kept
        bridge.answerReadings(in: effects)
        #expect(bridge.pass(.seconds(5)).statuses == [])
        #expect(bridge.word("bob") == "online")
    }

    @Test("What the broker drops each time that it is asked for alone is not taken for gone")
    func cutAgainAndAgain() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.topics = [:]
        bridge.send(.brokerLost)
        var effects = bridge.send(.brokerFound)
        effects = bridge.send(.readingEnded(effects.readings[0].id))
        var rounds = 0
        while let order = effects.readings.first, rounds < 100 {
            #expect(order.scope == .devices([DeviceKey("alice/phone")]))
            #expect(effects.told == [], "nothing is told before the reading has ended")
            rounds += 1
            effects = bridge.send(.readingCut(order.id), .readingEnded(order.id))
            if effects.told.last == "serve 1 60" { break }
        }
        #expect(rounds == 12)
        #expect(bridge.pass(.seconds(5)).statuses == [])
        #expect(bridge.word("alice") == "online")
    }

    @Test("Of thousands of topics that are missing, so many are asked for alone at a time")
    func manyMissing() {
        var bridge = Bridge.serving()
        var births: [Input] = []
        for number in 0..<2_500 { births.append(bridge.statement("u\(number)/phone", "online")) }
        bridge.send(births)
        bridge.topics = [:]
        let asked = bridge.reconnect().readings.compactMap { reading -> Int? in
            if case .devices(let keys) = reading.scope { keys.count } else { nil }
        }
        #expect(asked == [1_000, 1_000, 500])
        bridge.pass(.seconds(2))
        #expect(bridge.core.metrics.devicesOnline == 0)
        #expect(bridge.core.metrics.usersOnline == 0)
    }

    @Test("A device that speaks while its topic is asked for is not missing")
    func spokeMeanwhile() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.send(.brokerLost)
        var effects = bridge.send(.brokerFound)
        bridge.topics = [:]
        let first = effects.readings[0]
        effects = bridge.send(bridge.found(first.id, first.scope) + [.readingEnded(first.id)])
        let second = effects.readings[0]
        bridge.says("alice/phone", "online")
        bridge.send(.readingEnded(second.id))
        #expect(bridge.pass(.seconds(5)).statuses == [])
        #expect(bridge.word("alice") == "online")
    }

    @Test("A newer retained status is adopted when the store was lost")
    func lostStore() throws {
        var bridge = Bridge.serving()
        for user in ["alice", "bob", "carol"] {
            bridge.says("\(user)/phone", "online")
        }
        bridge.says("bob/phone", "offline")
        bridge.pass(.seconds(5))
        let before = bridge.statuses
        bridge.disk = Disk()
        bridge.restart()
        bridge.topics[DeviceKey("carol/phone")] = nil
        #expect(bridge.connect().statuses == [])
        #expect(bridge.statuses == before)
        bridge.pass(.seconds(1))
        #expect(bridge.status("carol")?.cause == .logout)
        #expect(bridge.word("alice") == "online")
        bridge.says("bob/phone", "online")
        let seq = try #require(bridge.status("bob")?.seq)
        #expect(seq > 1_700_000_005_000)
        #expect(bridge.disk.deviceTexts == ["alice/phone online", "bob/phone online"])
    }

    @Test("With an older store, what differs from the newer retained status is told")
    func olderStore() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("bob/phone", "online")
        let older = bridge.disk
        for user in ["alice", "bob"] {
            bridge.says("\(user)/phone", "offline")
        }
        bridge.pass(.seconds(5))
        let seq = bridge.status("alice")?.seq ?? 0
        bridge.disk = older
        bridge.restart()
        // Alice is back while nobody looks.
        bridge.topics[DeviceKey("alice/phone")] = Array("online".utf8)
        bridge.connect()
        bridge.pass(.seconds(5))
        #expect(bridge.word("alice") == "online")
        #expect((bridge.status("alice")?.seq ?? 0) > seq)
        #expect(bridge.word("bob") == "offline")
    }

    @Test("A reading of an earlier connection means nothing")
    func earlier() {
        var bridge = Bridge()
        bridge.send(.brokerFound)
        bridge.send(.brokerLost)
        #expect(bridge.send(.brokerFound).readings.map(\.id) == [2])
        #expect(bridge.send(.readingEnded(1)).told == [])
        #expect(bridge.send(.readingEnded(2)).told == ["serve 1 60"])
    }

    @Test("Without a broker nothing is heard and nothing is told")
    func away() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "lost")
        bridge.send(.brokerLost)
        #expect(bridge.pass(.seconds(60)) == [])
        #expect(bridge.says("bob/phone", "online") == [])
        bridge.topics = [DeviceKey("alice/phone"): Array("online".utf8)]
        #expect(bridge.connect().statuses == [])
        #expect(bridge.pass(.seconds(60)).statuses == [])
        #expect(bridge.word("alice") == "online")
    }

    @Test("A stall while everything is read has it read once more")
    func stallWithin() {
        var bridge = Bridge.serving()
        let effects = bridge.send(.readingStalled)
        #expect(bridge.send(.readingStalled).readings.isEmpty)
        let order = effects.readings[0]
        #expect(bridge.send(.readingEnded(order.id)).readings.map(\.scope) == [.everyDevice])
    }

    @Test("A verdict that never arrived is written again")
    func lostVerdict() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"ttl":5}"#)
        let birth = bridge.topics
        bridge.pass(.seconds(5))
        #expect(bridge.status("alice")?.cause == .ttl)
        bridge.topics = birth
        #expect(bridge.reconnect().statuses == [])
        #expect(bridge.topic("alice/phone")?.contains("lost") == true)
        // Once it has arrived, the same words are a new birth.
        bridge.echo("alice/phone", bridge.topic("alice/phone") ?? "")
        bridge.topics = birth
        #expect(bridge.reconnect().statuses.count == 1)
    }
}
