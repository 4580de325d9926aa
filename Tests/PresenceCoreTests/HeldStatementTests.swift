import Presence
import Testing

@testable import PresenceCore

@Suite("What the rate holds back while everything is read again")
struct HeldStatementTests {
    private static let phone = DeviceKey("alice/phone")
    private static let announce = #"presence/response/alice/phone {"operation":"announce"}"#

    /// A bridge that knows alice's phone as away, and holds its next statement.
    private static func holding(_ word: String, retained: Bool = true) -> Bridge {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 1) }
        bridge.says("alice/phone", "away")
        bridge.says("alice/phone", word, retained: retained)
        #expect(bridge.word("alice") == "away")
        return bridge
    }

    @Test("What was missed in a stall is not overwritten by what came due in it")
    func stall() {
        var bridge = Self.holding("coffee", retained: false)
        bridge.topics[Self.phone] = Array("invisible".utf8)
        bridge.now = bridge.now.advanced(by: .seconds(5))
        let effects = bridge.send(.readingStalled)
        #expect(effects.corrections == [])
        // Which of the two is the newer one only the device can tell.
        #expect(bridge.answerReadings(in: effects).answers == [Self.announce])
        bridge.pass(.seconds(5))
        #expect(bridge.word("alice") == "offline")
        #expect(bridge.topic("alice/phone") == "invisible")
    }

    @Test("What never was on the topic takes effect when the topic turns out to be as it was")
    func unretained() {
        var bridge = Self.holding("coffee", retained: false)
        let effects = bridge.send(.readingStalled)
        #expect(bridge.answerReadings(in: effects).told == [])
        bridge.pass(.seconds(5))
        #expect(bridge.word("alice") == "coffee")
        #expect(bridge.topic("alice/phone")?.contains("coffee") == true)
    }

    @Test("Who may have said the known word once more, behind one that is held, is asked")
    func saidOnceMore() {
        var bridge = Self.holding("coffee", retained: false)
        let effects = bridge.send(.readingStalled)
        #expect(bridge.says("alice/phone", "away").answers == [Self.announce])
        bridge.answerReadings(in: effects)
        bridge.says("alice/phone", "away")
        bridge.pass(.seconds(5))
        #expect(bridge.word("alice") == "away")
        #expect(bridge.topic("alice/phone") == "away")
    }

    @Test("Who had gone and came back unretained is asked where a second end may be missed")
    func goneAgain() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 2) }
        bridge.says("alice/phone", "away")
        bridge.says("alice/phone", "offline")
        bridge.says("alice/phone", "coffee", retained: false)
        let effects = bridge.send(.readingStalled)
        #expect(bridge.answerReadings(in: effects).answers == [Self.announce])
        bridge.pass(.seconds(5))
        #expect(bridge.word("alice") == "offline")
        bridge.says("alice/phone", "coffee")
        #expect(bridge.word("alice") == "coffee")
    }

    @Test("What is found is newer than what is held", arguments: ["busy", "away", "offline", ""])
    func newer(_ found: String) {
        var bridge = Self.holding("coffee")
        let effects = bridge.send(.readingStalled)
        bridge.says("alice/phone", found)
        bridge.answerReadings(in: effects)
        bridge.pass(.seconds(5))
        #expect(bridge.word("alice") == (found.isEmpty ? "offline" : found))
    }

    @Test("A connection that was held is known when its will is found")
    func connection() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 1) }
        bridge.says("alice/phone", #"{"session":"old"}"#)
        bridge.says("alice/phone", #"{"status":"busy","session":"new"}"#)
        bridge.topics[Self.phone] = Array(#"{"status":"lost","session":"new"}"#.utf8)
        bridge.answerReadings(in: bridge.send(.readingStalled))
        bridge.pass(.seconds(5))
        #expect(bridge.word("alice") == "offline")
    }
}
