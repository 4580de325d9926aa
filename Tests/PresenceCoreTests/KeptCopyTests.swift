import Presence
import Testing

@testable import PresenceCore

/// What is found on device topics after a restart of the broker, and what the bridge's own state says
/// of its age.
@Suite("What a restarted broker has kept")
struct KeptCopyTests {
    static let offline = BridgeState.offline

    /// A bridge with some devices online, which has seen its mark come back.
    private static func serving(_ statements: (path: String, said: String)...) -> Bridge {
        var bridge = Bridge.serving()
        bridge.echoMark()
        for (path, said) in statements { bridge.says(path, said) }
        return bridge
    }

    /// What a broker that ends in order leaves of the bridge and of some devices.
    private static func endInOrder(_ bridge: inout Bridge, lost: String...) {
        bridge.ownState = offline
        for path in lost { bridge.topics[DeviceKey(path)] = Array("lost".utf8) }
    }

    @Test("A plain thing that is back before the bridge, after an orderly end, is there")
    func plain() {
        for restartsBridge in [false, true] {
            var bridge = Self.serving(("home/lamp", "online"))
            let before = bridge.statuses
            Self.endInOrder(&bridge)
            bridge.send(.brokerLost)
            if restartsBridge { bridge.restart() }
            var told = bridge.restartBroker().told
            #expect(told == ["serve 2 60"])
            told = bridge.pass(.seconds(200)).told
            // It is asked, and nothing comes of its silence.
            #expect(told == ["presence/response/home/lamp \(RestartTests.announce)"])
            #expect(bridge.topic("home/lamp") == "online")
            #expect(bridge.statuses == before)
        }
    }

    @Test(
        "A broker that kept a status has kept words from before the bridge's first connection, too"
    )
    func another() {
        for isFirst in [true, false] {
            var bridge = Self.serving(("home/lamp", "online"))
            bridge.ownState = nil
            bridge.mark = nil
            if isFirst {
                bridge.restartBroker()
            } else {
                // Its uptime comes only when all is read.
                let started = bridge.brokerStarted
                bridge.brokerStarted = nil
                bridge.reconnect()
                bridge.brokerStarted = started.map { $0 + 60 }
                bridge.uptime()
            }
            bridge.pass(.seconds(61))
            #expect(bridge.status("home")?.cause == .restart)
        }
    }

    @Test("A second restart within the grace of the first lets nobody pass who has not spoken")
    func twice() {
        for word in ["xa", #"{"status":"xa","session":"s1"}"#] {
            var bridge = Self.serving(("home/lamp", word), ("bob/phone", word))
            // Another process comes while the broker has just been started with what it had saved.
            bridge.restart()
            bridge.brokerStarted = nil
            bridge.connect()
            bridge.brokerStarted = bridge.now.second
            bridge.pass(.seconds(1))
            bridge.uptime()
            bridge.says("bob/phone", word)
            bridge.pass(.seconds(2))
            Self.endInOrder(&bridge)
            bridge.restartBroker(after: .milliseconds(400))
            bridge.says("bob/phone", word)
            bridge.pass(.seconds(61))
            #expect(bridge.status("home")?.cause == .restart, "\(word)")
            #expect(bridge.word("bob") == "xa")
        }
    }

    @Test("After an orderly end a plain thing is lost whose will is found")
    func plainLost() {
        var bridge = Self.serving(("home/lamp", "online"))
        Self.endInOrder(&bridge, lost: "home/lamp")
        bridge.restartBroker()
        #expect(bridge.pass(.seconds(59)).statuses == [])
        bridge.pass(.seconds(1))
        #expect(bridge.status("home")?.cause == .restart)
    }

    @Test("A broker that died proves nothing: who does not speak is lost")
    func died() {
        var bridge = Self.serving(("home/lamp", "online"))
        bridge.restartBroker()
        bridge.pass(.seconds(60))
        #expect(bridge.status("home")?.cause == .restart)
        #expect(bridge.topic("home/lamp")?.contains("lost") == true)
    }

    @Test("An offline with an older mark, or with none, is an older copy")
    func olderMark() {
        for back in [1, nil] as [Int64?] {
            var bridge = Self.serving(("home/lamp", "online"))
            Self.endInOrder(&bridge)
            bridge.mark = back.flatMap { back in bridge.mark.map { $0 - back } }
            bridge.restartBroker()
            bridge.pass(.seconds(60))
            #expect(bridge.status("home")?.cause == .restart)
        }
    }

    @Test("An offline that another connection left than the mark proves nothing")
    func otherConnection() {
        // The broker died, and a connection to the new one broke before the bridge had read anything.
        for (state, mark) in [("2", "1"), ("2", nil), (nil, "1")] as [(String?, String?)] {
            var bridge = Self.serving(("home/lamp", "online"))
            Self.endInOrder(&bridge)
            (bridge.stateLeftBy, bridge.markLeftBy) = (state, mark)
            bridge.restartBroker()
            bridge.pass(.seconds(60))
            #expect(bridge.status("home")?.cause == .restart, "\(state ?? "-"), \(mark ?? "-")")
        }
    }

    @Test("An offline that the connection left that has left the mark is that of an orderly end")
    func sameConnection() {
        var bridge = Self.serving(("home/lamp", "online"))
        Self.endInOrder(&bridge)
        (bridge.stateLeftBy, bridge.markLeftBy) = ("1", "1")
        bridge.restartBroker()
        #expect(bridge.pass(.seconds(200)).statuses == [])
    }

    @Test("A mark that was left and never seen come back is new enough")
    func newerMark() {
        var bridge = Self.serving(("home/lamp", "online"))
        bridge.reconnect(after: .seconds(5))
        Self.endInOrder(&bridge)
        bridge.restartBroker()
        #expect(bridge.pass(.seconds(100)).statuses == [])
    }

    @Test("A bridge that never read its own state concludes nothing from its absence")
    func unread() {
        var bridge = Bridge.serving()
        bridge.says("home/lamp", "online")
        bridge.ownState = nil
        bridge.mark = nil
        bridge.restartBroker()
        bridge.pass(.seconds(60))
        #expect(bridge.status("home")?.cause == .restart)
    }

    @Test("The mark of another bridge id means nothing")
    func otherTopic() {
        var bridge = Self.serving(("home/lamp", "online"))
        var record = bridge.disk.broker ?? BrokerRecord()
        #expect(record.mark == bridge.mark)
        #expect(record.markedTopic == "presence/bridge/presence-bridge")
        record.markedTopic = "presence/bridge/other"
        bridge.disk.apply(.putBroker(record))
        bridge.restart()
        bridge.ownState = nil
        bridge.mark = nil
        bridge.restartBroker()
        bridge.pass(.seconds(60))
        #expect(bridge.status("home")?.cause == .restart)
    }

    @Test("A broker that kept nothing has only what was said since")
    func nothing() {
        var bridge = Self.serving(
            ("home/lamp", "online"),
            ("home/plug", "online"),
            ("alice/phone", #"{"session":"s1"}"#),
            ("bob/phone", "online"),
            ("zoe/web", "online")
        )
        bridge.ownState = nil
        bridge.mark = nil
        bridge.statuses = [:]
        bridge.topics[DeviceKey("home/plug")] = nil
        bridge.topics[DeviceKey("bob/phone")] = Array("away".utf8)
        bridge.topics[DeviceKey("zoe/web")] = Array("lost".utf8)
        bridge.topics[DeviceKey("new/lamp")] = Array("online".utf8)
        bridge.restartBroker()
        #expect(bridge.word("bob") == "away")
        #expect(bridge.word("new") == "online")
        bridge.pass(.seconds(3))
        #expect(bridge.status("zoe")?.cause == .lost)
        #expect(bridge.pass(.seconds(56)).statuses == [])
        bridge.pass(.seconds(1))
        #expect(bridge.status("home")?.devices.map(\.name.text) == ["lamp"])
        #expect(bridge.word("alice") == "online")
        #expect(bridge.word("new") == "online")
    }

    @Test("After an orderly end a plain thing that was away, or never seen, is there at once")
    func plainNew() {
        var bridge = Self.serving(("home/lamp", "online"), ("home/lamp", "offline"))
        bridge.pass(.seconds(2))
        #expect(bridge.word("home") == "offline")
        Self.endInOrder(&bridge)
        bridge.topics[DeviceKey("home/lamp")] = Array("online".utf8)
        bridge.topics[DeviceKey("home/plug")] = Array("online".utf8)
        let effects = bridge.restartBroker()
        #expect(effects.answers == [])
        #expect(bridge.status("home")?.devices.map(\.name.text) == ["lamp", "plug"])
        let told = bridge.pass(.seconds(200)).told
        #expect(told.count == 2 && told.allSatisfy { $0.hasSuffix(RestartTests.announce) })
    }

    @Test("Another word of a plain thing is its own; one who names sessions must speak")
    func otherWord() {
        for (known, found, word, isKept) in [
            ("online", "away", "away", true),
            ("online", #"{"ttl":600}"#, "online", true),
            ("online", #"{"status":"away","session":"s1"}"#, "away", true),
            (#"{"session":"s1"}"#, #"{"session":"s1"}"#, "online", false),
            (#"{"session":"s1"}"#, #"{"status":"away","session":"s1"}"#, "online", false),
            (#"{"session":"s1"}"#, "away", "online", false),
            (#"{"session":"s1"}"#, #"{"status":"away","session":"s2"}"#, "away", true),
            (#"{"session":"s1"}"#, #"{"session":"s2"}"#, "online", true),
        ] {
            var bridge = Self.serving(("alice/phone", known))
            Self.endInOrder(&bridge)
            bridge.topics[DeviceKey("alice/phone")] = Array(found.utf8)
            bridge.restartBroker()
            #expect(bridge.word("alice") == word, "\(known), then \(found)")
            bridge.pass(.seconds(60))
            #expect(bridge.word("alice") == (isKept ? word : "offline"), "\(known), then \(found)")
        }
    }

    @Test("In an older copy another word, session or ttl proves nothing")
    func otherWordInOlderCopy() {
        for found in ["away", #"{"session":"s2"}"#, #"{"ttl":600}"#] {
            var bridge = Self.serving(("alice/phone", #"{"session":"s1"}"#))
            bridge.topics[DeviceKey("alice/phone")] = Array(found.utf8)
            bridge.restartBroker()
            #expect(bridge.word("alice") == "online")
            bridge.pass(.seconds(60))
            #expect(bridge.status("alice")?.cause == .restart)
        }
    }

    @Test("What the bridge itself wrote there proves nothing")
    func ownWords() {
        var bridge = Self.serving()
        bridge.says("home/lamp", "online", retained: false)
        #expect(bridge.topic("home/lamp")?.contains("presence-bridge") == true)
        Self.endInOrder(&bridge)
        bridge.restartBroker()
        bridge.pass(.seconds(60))
        #expect(bridge.status("home")?.cause == .restart)
    }

    @Test("What was concluded holds for a bridge that starts within the grace")
    func bridgeRestarts() {
        // Its own will makes the state offline: that says nothing of the broker's end.
        var bridge = Self.serving(("home/lamp", "online"))
        bridge.restartBroker()
        bridge.echoMark()
        bridge.ownState = Self.offline
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(60))
        #expect(bridge.status("home")?.cause == .restart)
    }

    @Test("An orderly restart within the grace of one that was none brings older copies along")
    func twoRestarts() {
        var bridge = Self.serving(("home/lamp", "online"))
        bridge.restartBroker()
        bridge.echoMark()
        Self.endInOrder(&bridge)
        bridge.restartBroker()
        bridge.pass(.seconds(60))
        #expect(bridge.status("home")?.cause == .restart)
    }

    @Test("A restart that only the live uptime shows spares plain things that were found")
    func late() {
        for isInOrder in [true, false] {
            var bridge = Self.serving(
                ("home/lamp", "online"),
                ("alice/phone", #"{"session":"s1"}"#)
            )
            if isInOrder { Self.endInOrder(&bridge) }
            bridge.send(.brokerLost)
            bridge.now = bridge.now.advanced(by: .seconds(10))
            bridge.brokerStarted = nil
            bridge.connect()
            bridge.echoMark()
            bridge.brokerStarted = bridge.now.second
            bridge.uptime()
            bridge.pass(.seconds(60))
            #expect(bridge.word("home") == (isInOrder ? "online" : "offline"))
            #expect(bridge.word("alice") == "offline")
        }
    }

    @Test(
        "A broker that has not told its uptime yet may have restarted: a will that is found waits"
    )
    func noUptime() {
        var bridge = Self.serving(("home/lamp", "online"))
        bridge.send(.brokerLost)
        bridge.topics[DeviceKey("home/lamp")] = Array("lost".utf8)
        bridge.now = bridge.now.advanced(by: .seconds(10))
        bridge.brokerStarted = nil
        bridge.connect()
        #expect(bridge.pass(.seconds(10)).statuses == [])
        bridge.brokerStarted = bridge.now.second - 10
        #expect(bridge.uptime().told == ["serve 2 60"])
        #expect(bridge.pass(.seconds(49)).statuses == [])
        #expect(bridge.says("home/lamp", "online").statuses == [])
        #expect(bridge.pass(.seconds(60)).statuses == [])
    }
}
