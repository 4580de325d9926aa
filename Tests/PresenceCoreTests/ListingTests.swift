import Presence
import Testing

@testable import PresenceCore

@Suite("Device topics that a cut reading lacked")
struct ListingTests {
    /// A bridge that stood still while users came, and the first reading after that, of which only some
    /// have been found.
    private static func cut(_ users: Int, found: Int) -> (Bridge, [Effect]) {
        var bridge = Bridge.serving()
        for number in 0..<users {
            let user = String(repeating: "0", count: 5 - "\(number)".count) + "\(number)"
            bridge.topics[DeviceKey("u\(user)/phone")] = Array("online".utf8)
        }
        let order = bridge.send(.readingStalled).readings[0]
        let inputs = bridge.found(order.id, order.scope).prefix(found)
        let effects = bridge.send(Array(inputs) + [.readingCut(order.id), .readingEnded(order.id)])
        return (bridge, effects)
    }

    private static func asked(_ effects: [Effect]) -> [Int] {
        effects.readings.map { if case .devices(let keys) = $0.scope { keys.count } else { -1 } }
    }

    @Test("They are listed, asked for alone, so many at a time, and then nothing is read again")
    func listed() {
        var (bridge, effects) = Self.cut(1_100, found: 300)
        #expect(effects.readings.map(\.scope) == [.names])
        #expect(effects.logged.contains { $0.contains("listing the device topics") })
        effects = bridge.answerReadings(in: effects)
        #expect(Self.asked(effects) == [400, 400])
        #expect(effects.logged == ["800 device topics of 1100 were dropped: asking for each alone"])
        #expect(bridge.core.metrics.usersOnline == 1_100)
        let later = bridge.pass(.seconds(30)).readings
        #expect(later.allSatisfy { $0.scope != .everyDevice })
    }

    @Test("Where nothing was lacking nothing is asked for")
    func nothing() {
        var (bridge, effects) = Self.cut(10, found: 10)
        effects = bridge.answerReadings(in: effects)
        #expect(effects.readings.isEmpty && bridge.core.metrics.usersOnline == 10)
    }

    @Test("What comes live after the reading is not asked for")
    func live() {
        var (bridge, effects) = Self.cut(3, found: 1)
        bridge.says("u00001/phone", "online")
        effects = bridge.answerReadings(in: effects)
        #expect(effects.readings.map(\.scope) == [.devices([DeviceKey("u00002/phone")])])
    }

    @Test("What the broker drops of them is asked for again, fewer at a time")
    func cutAgain() {
        var (bridge, effects) = Self.cut(500, found: 0)
        let names = effects.readings[0]
        effects = bridge.send(bridge.found(names.id, names.scope) + [.readingEnded(names.id)])
        #expect(Self.asked(effects) == [400])
        let first = effects.readings[0]
        let inputs = bridge.found(first.id, first.scope).prefix(100)
        effects = bridge.send(Array(inputs) + [.readingCut(first.id), .readingEnded(first.id)])
        #expect(Self.asked(effects) == [200])
        let rest = bridge.answerReadings(in: effects)
        #expect(Self.asked(rest) == [200])
        #expect(bridge.core.metrics.usersOnline == 500)
        let later = bridge.pass(.seconds(30)).readings
        #expect(later.allSatisfy { $0.scope != .everyDevice })
    }

    @Test("What the broker drops each time comes to an end")
    func cutForEver() {
        var (bridge, effects) = Self.cut(30, found: 0)
        let names = effects.readings[0]
        effects = bridge.send(bridge.found(names.id, names.scope) + [.readingEnded(names.id)])
        var rounds = 0
        while let order = effects.readings.first, rounds < 100 {
            rounds += 1
            effects = bridge.send(.readingCut(order.id), .readingEnded(order.id))
        }
        #expect(rounds == 24, "twelve times twenty-five, and the rest with them")
    }

    @Test("Where they cannot be listed everything is read again, twelve times at most")
    func unlisted() {
        var (bridge, effects) = Self.cut(10, found: 2)
        var scopes: [ReadingScope] = []
        while let order = effects.readings.first, scopes.count < 1_000 {
            scopes.append(order.scope)
            effects = bridge.send(.readingCut(order.id), .readingEnded(order.id))
        }
        let everything = [ReadingScope](repeating: .everyDevice, count: 12)
        // Those that are known are asked for alone, and not taken for gone.
        let known = scopes.filter { if case .devices = $0 { false } else { true } }
        #expect(known == [.names] + everything)
        #expect(bridge.core.metrics.usersOnline == 2)
    }

    @Test("A reading that was whole is followed by no list")
    func whole() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        let orders = bridge.send(.readingStalled)
        let effects = bridge.answerReadings(in: orders)
        #expect(effects.readings.allSatisfy { $0.scope != .names })
    }

    @Test("While they are listed and asked for, everything is not read again, and after that it is")
    func stalled() {
        var bridge = Bridge.serving { $0.auditInterval = .seconds(5) }
        bridge.says("alice/phone", "online")
        let slice = bridge.pass(.seconds(5)).readings[0]
        bridge.send(bridge.found(slice.id, slice.scope))
        bridge.topics[DeviceKey("bob/phone")] = Array("online".utf8)
        let order = bridge.send(.readingStalled).readings[0]
        let found = bridge.found(order.id, order.scope).dropLast()
        var effects = bridge.send(
            Array(found) + [.readingCut(order.id), .readingEnded(order.id)]
        )
        #expect(effects.readings.map(\.scope) == [.names])
        let names = effects.readings[0]
        effects = bridge.send(.readingStalled)
        #expect(effects.readings.isEmpty && effects.logged.isEmpty)
        effects = bridge.send(.readingEnded(slice.id))
        #expect(effects.readings.isEmpty, "that another reading ends is no reason")
        effects = bridge.send(bridge.found(names.id, names.scope) + [.readingEnded(names.id)])
        #expect(effects.readings.map(\.scope) == [.devices([DeviceKey("bob/phone")])])
        let asked = effects.readings[0]
        effects = bridge.send(.readingStalled)
        #expect(effects.readings.isEmpty)
        effects = bridge.send(bridge.found(asked.id, asked.scope) + [.readingEnded(asked.id)])
        #expect(effects.readings.map(\.scope) == [.everyDevice], "once, for both")
        let more = bridge.answerReadings(in: effects).readings
        #expect(more.isEmpty && bridge.core.metrics.usersOnline == 2)
    }

    @Test("The audit waits for that, too, where messages were dropped as the last connection ended")
    func audited() {
        var bridge = Bridge.serving { $0.auditInterval = .seconds(5) }
        bridge.send(.brokerLost)
        for user in ["alice", "bob"] {
            bridge.topics[DeviceKey("\(user)/phone")] = Array("online".utf8)
        }
        bridge.now = bridge.now.advanced(by: .seconds(10))
        let order = bridge.send(.brokerFound).readings[0]
        let found = bridge.found(order.id, order.scope).dropLast()
        var effects = bridge.send(
            [.messagesDropped] + Array(found) + [.readingCut(order.id), .readingEnded(order.id)]
        )
        #expect(effects.readings.map(\.scope) == [.names])
        let names = effects.readings[0]
        effects = bridge.pass(.seconds(3))
        #expect(effects.readings.isEmpty)
        effects = bridge.send(bridge.found(names.id, names.scope) + [.readingEnded(names.id)])
        #expect(effects.readings.map(\.scope) == [.devices([DeviceKey("bob/phone")])])
        let asked = effects.readings[0]
        effects = bridge.pass(.seconds(3))
        #expect(effects.readings.isEmpty)
        effects = bridge.send(bridge.found(asked.id, asked.scope) + [.readingEnded(asked.id)])
        #expect(effects.readings.map(\.scope) == [.everyDevice])
        bridge.answerReadings(in: effects)
        effects = bridge.pass(.seconds(5))
        #expect(effects.readings.contains { $0.scope != .everyDevice }, "it goes on")
        #expect(bridge.core.metrics.usersOnline == 2)
    }

    @Test("The list is over with the connection")
    func lost() {
        var (bridge, effects) = Self.cut(10, found: 0)
        let names = effects.readings[0]
        effects = bridge.reconnect()
        #expect(bridge.core.metrics.usersOnline == 10)
        let late = bridge.found(names.id, names.scope) + [.readingEnded(names.id)]
        let more = bridge.send(late).readings
        #expect(more.isEmpty)
    }
}
