import Presence
import Testing

@testable import PresenceCore

@Suite("What an operator stated and the broker may not have")
struct OperatorStatementTests {
    private var bridge = Bridge.serving()
    private let path = "bob/phone"

    /// States something for a device, of which the broker gets nothing.
    private mutating func stateInVain(_ text: String) {
        let topics = bridge.topics
        let act = Question.Act.statement(device: "phone", payload: Array(text.utf8))
        let effects = bridge.send(.asked(Question(number: 1, act, about: "bob")))
        #expect(effects.contains(.answer(1, .success([]))))
        #expect(bridge.topics != topics)
        bridge.topics = topics
    }

    @Test("A statement is written again at the next connection, until the broker has it")
    mutating func again() {
        bridge.says(path, #"{"status":"online","session":"a"}"#)
        bridge.says(path, "away")
        stateInVain(#"{"status":"busy"}"#)
        for _ in 1...2 {
            let old = bridge.topics
            let effects = bridge.reconnect()
            #expect(bridge.word("bob") == "busy")
            #expect(bridge.topic(path)?.contains("busy") == true)
            // The device is not asked: its answer would overrule the operator, who spoke after it.
            #expect(effects.answers == [])
            bridge.topics = old
        }
        bridge.reconnect()
        bridge.echo(path, #"{"status":"busy","session":"a","by":"presence-bridge"}"#)
        bridge.topics[DeviceKey(path)] = Array("away".utf8)
        bridge.reconnect()
        #expect(bridge.word("bob") == "away")
    }

    @Test("A logout is repeated as well, and so is an emptying, also when its device is forgotten")
    mutating func logout() {
        for (said, pause) in [
            (#"{"status":"offline"}"#, Duration.zero), (#"{"status":"offline"}"#, .seconds(5)),
            ("", .zero), ("", .seconds(5)),
        ] {
            bridge.says(path, "online")
            bridge.pass(.seconds(1))
            stateInVain(said)
            bridge.pass(pause)
            bridge.reconnect()
            bridge.pass(.seconds(5))
            #expect(bridge.word("bob") == "offline", "\(said) \(pause)")
            #expect(bridge.topic(path)?.contains("online") != true, "\(said) \(pause)")
        }
    }

    @Test("A statement for a device that there was none of is written again")
    mutating func unknown() {
        stateInVain("{}")
        bridge.reconnect()
        #expect(bridge.word("bob") == "online")
        #expect(bridge.topic(path)?.contains("online") == true)
    }

    @Test("What the device has said since counts, live or found", arguments: [true, false])
    mutating func newer(isLive: Bool) {
        bridge.says(path, "online")
        stateInVain("{}")
        if isLive {
            bridge.says(path, "away")
        } else {
            bridge.topics[DeviceKey(path)] = Array("away".utf8)
        }
        bridge.reconnect()
        #expect(bridge.word("bob") == "away")
        bridge.topics[DeviceKey(path)] = Array("online".utf8)
        bridge.reconnect()
        #expect(bridge.word("bob") == "online")
    }

    @Test("Of two statements that are both lost the second is written again")
    mutating func twice() {
        bridge.says(path, "online")
        stateInVain(#"{"status":"busy"}"#)
        stateInVain(#"{"status":"dnd"}"#)
        bridge.echo(path, #"{"status":"busy","by":"presence-bridge"}"#)
        bridge.topics[DeviceKey(path)] = Array("online".utf8)
        bridge.reconnect()
        #expect(bridge.word("bob") == "dnd")
    }

    @Test("Where the broker had kept nothing, an empty topic is no news either")
    mutating func emptied() {
        bridge.says(path, #"{"status":"online","session":"a"}"#)
        bridge.restartBroker(keepsRetained: false)
        bridge.topics = [:]
        bridge.pass(.seconds(120))
        #expect(bridge.word("bob") == "offline")
        bridge.topics = [:]
        stateInVain(#"{"status":"busy"}"#)
        bridge.reconnect()
        #expect(bridge.word("bob") == "busy")
        #expect(bridge.topic(path)?.contains("busy") == true)
    }

    @Test("So many are remembered and no more")
    func bound() {
        var words = OperatorWords()
        for number in 0...OperatorWords.most {
            let key = DeviceKey(Name(checked: "u\(number)"), Name(checked: "d"))
            words.insert(key, overruling: .init(statement: nil, mayBeNothing: true))
        }
        let last = DeviceKey(Name(checked: "u\(OperatorWords.most)"), Name(checked: "d"))
        #expect(!words.holds(last))
        #expect(words.holds(DeviceKey(Name(checked: "u0"), Name(checked: "d"))))
    }
}

@Suite("How long holds what an operator stated")
struct OperatorTTLTests {
    private var bridge = Bridge.serving { limits in
        limits.forgetAfter = .zero
    }

    private mutating func state(_ text: String) {
        let act = Question.Act.statement(device: "desk", payload: Array(text.utf8))
        bridge.send(.asked(Question(number: 1, act, about: "bob")))
    }

    private static let day: Int64 = 86_400

    @Test("Without a ttl it ends after 30 days, as if it had had one; its topic shows none")
    mutating func monthly() {
        state(#"{"status":"busy"}"#)
        #expect(
            bridge.topic("bob/desk") == #"{"status":"busy","by":"presence-bridge"}"#
        )
        bridge.pass(.seconds(30 * Self.day - 1))
        #expect(bridge.word("bob") == "busy")
        bridge.pass(.seconds(1))
        #expect(bridge.word("bob") == "offline")
        #expect(bridge.status("bob")?.cause == .ttl)
    }

    @Test("Neither a reading nor a restart of the bridge gives it more time")
    mutating func restarts() {
        state(#"{"status":"busy"}"#)
        for _ in 1...3 {
            bridge.pass(.seconds(7 * Self.day))
            bridge.reconnect()
            bridge.restart()
            bridge.connect()
            bridge.uptime()
            #expect(bridge.word("bob") == "busy")
        }
        bridge.pass(.seconds(9 * Self.day + 60))
        #expect(bridge.word("bob") == "offline")
        #expect(bridge.status("bob")?.cause == .ttl)
    }

    @Test("Stated again it has its time anew, and what the device itself says has no such end")
    mutating func renewed() {
        state(#"{"status":"busy"}"#)
        bridge.pass(.seconds(29 * Self.day))
        state(#"{"status":"busy"}"#)
        bridge.pass(.seconds(29 * Self.day))
        #expect(bridge.word("bob") == "busy")
        bridge.says("bob/desk", "away")
        bridge.pass(.seconds(40 * Self.day))
        #expect(bridge.word("bob") == "away")
        state(#"{"status":"busy","ttl":60}"#)
        bridge.pass(.seconds(61))
        #expect(bridge.word("bob") == "offline")
    }

    @Test("One that is invisible ends as well")
    mutating func invisible() {
        state(#"{"status":"invisible"}"#)
        bridge.pass(.seconds(30 * Self.day))
        #expect(bridge.topic("bob/desk")?.contains(#""cause":"ttl""#) != false)
    }
}
