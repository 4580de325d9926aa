import Presence
import Testing

@testable import PresenceCore

/// What the broker's plugin knows to have been stated since the broker was started.
@Suite("What the plugin vouches for after a restart of the broker")
struct StatedSinceTests {
    /// The broker is killed with all that it had kept, some topics have something else when the bridge
    /// comes, and the plugin names devices.
    private static func crash(
        _ bridge: inout Bridge,
        found: [String: String] = [:],
        named: [String]
    ) -> [Effect] {
        bridge.send(.brokerLost)
        for (path, said) in found {
            bridge.topics[DeviceKey(path)] = said.isEmpty ? nil : Array(said.utf8)
        }
        let effects = bridge.restartBroker()
        #expect(effects.questions == 1)
        return effects + bridge.names(named)
    }

    private static func home(_ statements: [(String, String)]) -> Bridge {
        var bridge = Bridge.serving()
        bridge.echoMark()
        for (path, said) in statements { bridge.says(path, said) }
        return bridge
    }

    @Test("A thing that was back first is there, and one that is not back is lost")
    func plain() {
        for restartsBridge in [false, true] {
            var bridge = Self.home([("home/lamp", "online"), ("shed/lamp", "online")])
            let before = bridge.statusText("home")
            if restartsBridge {
                bridge.send(.brokerLost)
                bridge.restart()
            }
            #expect(Self.crash(&bridge, named: ["home/lamp"]).told == ["serve 2 60"])
            bridge.pass(.seconds(200))
            #expect(bridge.statusText("home") == before)
            #expect(bridge.topic("home/lamp") == "online")
            #expect(bridge.status("shed")?.cause == .restart)
        }
    }

    @Test("It is asked when the grace begins and at its half, and never without a restart")
    func asked() {
        var bridge = Self.home([("home/lamp", "online"), ("shed/lamp", "online")])
        #expect(bridge.reconnect().questions == 0)
        #expect(bridge.pass(.seconds(200)).questions == 0)
        _ = Self.crash(&bridge, named: ["home/lamp"])
        #expect(bridge.pass(.milliseconds(29_999)).questions == 0)
        #expect(bridge.pass(.seconds(1)).questions == 1)
        bridge.names(["shed/lamp"])
        #expect(bridge.pass(.seconds(200)).questions == 0)
        #expect(bridge.word("shed") == "online")
    }

    @Test("A device that names sessions is taken at its word as well, and asked once")
    func session() {
        for found in [#"{"session":"s1"}"#, #"{"session":"s2"}"#] {
            var bridge = Self.home([("alice/phone", #"{"session":"s1"}"#)])
            _ = Self.crash(&bridge, found: ["alice/phone": found], named: ["alice/phone"])
            let told = bridge.pass(.seconds(200)).told
            #expect(told == ["presence/response/alice/phone \(RestartTests.announce)"])
            #expect(bridge.word("alice") == "online")
        }
    }

    @Test("Another word counts, also of a device that was away, or of which nobody knew")
    func otherWord() {
        var bridge = Self.home([
            ("home/lamp", "online"), ("home/plug", "online"), ("home/plug", "offline"),
        ])
        bridge.pass(.seconds(2))
        let found = [
            "home/lamp": "idle", "home/plug": "busy", "home/new": "away", "new/x": "online",
        ]
        _ = Self.crash(&bridge, found: found, named: Array(found.keys))
        let devices = ["lamp": "idle", "new": "away", "plug": "busy"]
        for _ in 0..<2 {
            let status = bridge.status("home")?.devices ?? []
            let words = status.map { ($0.name.text, $0.status.text) }
            #expect(Dictionary(uniqueKeysWithValues: words) == devices)
            #expect(bridge.word("new") == "online")
            bridge.pass(.seconds(100))
        }
    }

    @Test("One that is invisible has logged out, and is not put back")
    func invisible() {
        var bridge = Self.home([("alice/phone", "online")])
        _ = Self.crash(&bridge, found: ["alice/phone": "invisible"], named: ["alice/phone"])
        bridge.pass(.seconds(2))
        #expect(bridge.status("alice")?.cause == .logout)
        bridge.pass(.seconds(100))
        #expect(bridge.topic("alice/phone") == "invisible")
    }

    @Test("A will that is found has the long grace, whoever names it")
    func will() {
        var bridge = Self.home([("home/lamp", "online")])
        _ = Self.crash(&bridge, found: ["home/lamp": "lost"], named: ["home/lamp"])
        bridge.pass(.seconds(59))
        #expect(bridge.word("home") == "online")
        bridge.pass(.seconds(1))
        #expect(bridge.status("home")?.cause == .restart)
    }

    @Test("What the bridge wrote there, or nobody has found there, proves nothing")
    func notTheDevice() {
        let own = #"{"status":"online","by":"presence-bridge"}"#
        for found in [own, ""] {
            var bridge = Self.home([("home/lamp", "online")])
            _ = Self.crash(&bridge, found: ["home/lamp": found], named: ["home/lamp", "x/y"])
            bridge.pass(.seconds(60))
            #expect(bridge.status("home")?.cause == .restart)
            #expect(bridge.status("x") == nil)
        }
    }

    @Test("A device that was asked over the will of another connection must still speak")
    func doubted() {
        for restartsBridge in [false, true] {
            var bridge = Self.home([("alice/phone", #"{"session":"s1"}"#)])
            _ = Self.crash(&bridge, named: [])
            bridge.says("alice/phone", "{")
            bridge.names(["alice/phone"])
            if restartsBridge {
                bridge.send(.brokerLost)
                bridge.restart()
                bridge.connect()
            }
            bridge.pass(.seconds(100))
            #expect(bridge.word("alice") == "offline")
        }
    }

    @Test("An older copy is not taken for the word that the topic has by now")
    func heldBefore() {
        var bridge = Self.home([("home/lamp", "online")])
        _ = Self.crash(&bridge, found: ["home/lamp": "busy"], named: [])
        bridge.topics[DeviceKey("home/lamp")] = Array("online".utf8)
        bridge.reconnect()
        bridge.names(["home/lamp"])
        bridge.pass(.seconds(100))
        #expect(bridge.word("home") == "online")
    }

    @Test("A promise to state something again holds from then on")
    func ttl() {
        for isNamed in [true, false] {
            var bridge = Self.home([("home/lamp", #"{"ttl":90}"#)])
            if isNamed {
                _ = Self.crash(&bridge, named: ["home/lamp"])
            } else {
                // After an orderly end it is taken at its word without the plugin.
                bridge.ownState = KeptCopyTests.offline
                bridge.restartBroker()
            }
            bridge.pass(.seconds(89))
            #expect(bridge.word("home") == "online")
            bridge.pass(.seconds(2))
            #expect(bridge.status("home")?.cause == .ttl)
        }
    }

    @Test("A restart that only the live uptime shows is asked about, too")
    func late() {
        var bridge = Self.home([("home/lamp", "online")])
        bridge.send(.brokerLost)
        bridge.now = bridge.now.advanced(by: .seconds(10))
        bridge.brokerStarted = nil
        #expect(bridge.connect().questions == 0)
        bridge.brokerStarted = bridge.now.second
        #expect(bridge.uptime().questions == 1)
        bridge.names(["home/lamp"])
        bridge.pass(.seconds(100))
        #expect(bridge.word("home") == "online")
    }

    @Test("A will or a logout that a reading finds again is not taken for a word")
    func foundAgain() {
        for (found, cause) in [("lost", Cause.restart), ("offline", .logout)] {
            var bridge = Bridge { $0.auditInterval = .seconds(10) }
            bridge.brokerStarted = bridge.now.unix / 1_000
            bridge.connect()
            bridge.says("home/lamp", "online")
            bridge.now = bridge.now.advanced(by: .seconds(6))
            bridge.says("home/lamp", found)
            bridge.brokerStarted = bridge.now.unix / 1_000
            bridge.send(.brokerLost)
            let effects = bridge.send(.brokerFound, .uptimeReported(0, isRetained: true))
            bridge.answerReadings(in: effects)
            bridge.pass(.seconds(4))
            #expect(bridge.uptime().questions == 1)
            let audits = bridge.pass(.seconds(10))
            #expect(!audits.readings.isEmpty)
            bridge.answerReadings(in: audits)
            bridge.names(["home/lamp"])
            bridge.pass(.seconds(100))
            #expect(bridge.status("home")?.cause == cause)
        }
    }

    @Test("What is named while there is no broker, or no restart to wait for, changes nothing")
    func unasked() {
        var bridge = Self.home([("home/lamp", "online"), ("home/lamp", "offline")])
        bridge.pass(.seconds(2))
        let before = bridge.statuses
        bridge.names(["home/lamp", "x/y"])
        bridge.send(.brokerLost)
        bridge.names(["home/lamp"])
        bridge.reconnect()
        bridge.pass(.seconds(100))
        #expect(bridge.statuses == before)
    }
}

extension Bridge {
    /// The plugin names devices on whose topics something was stated since the broker's start.
    @discardableResult
    fileprivate mutating func names(_ paths: [String]) -> [Effect] {
        send(.statedSinceStart(paths.map { DeviceKey($0) }))
    }
}

extension [Effect] {
    /// How often the plugin is asked.
    fileprivate var questions: Int { count { $0 == .askForStated } }
}
