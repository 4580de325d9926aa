import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("What the log says of graces")
struct GraceLogTests {
    private static func serving(tells: Bool = true) -> Bridge {
        Bridge.serving { $0.tellsGraces = tells }
    }

    private func details(_ effects: [Effect]) -> [String] {
        effects.compactMap { if case .log(.detail, let words) = $0 { words } else { nil } }
    }

    @Test("Each grace begins and ends, with what it was for and how it ended")
    func departures() {
        var bridge = Self.serving()
        #expect(details(bridge.says("alice/phone", "online")) == [])
        #expect(
            details(bridge.says("alice/phone", "lost"))
                == ["a grace of 3s has begun for alice's phone: lost"]
        )
        #expect(details(bridge.says("alice/phone", "lost")) == [])
        #expect(
            details(bridge.says("alice/phone", "away"))
                == ["the grace of alice's phone has ended: it is there"]
        )
        #expect(
            details(bridge.says("alice/phone", ""))
                == ["a grace of 1s has begun for alice's phone: logout"]
        )
        #expect(
            details(bridge.pass(.seconds(1)))
                == ["the grace of alice's phone has ended: it is gone"]
        )
    }

    @Test("A device in doubt has a grace to announce itself")
    func doubt() {
        var bridge = Self.serving()
        bridge.says("alice/phone", #"{"status":"away","session":"a"}"#)
        bridge.topics[DeviceKey("alice/phone")] = Array(#"{"status":"lost","session":"b"}"#.utf8)
        #expect(
            details(bridge.reconnect()) == ["a grace of 1m has begun for alice's phone: in doubt"]
        )
        #expect(
            details(bridge.says("alice/phone", #"{"status":"busy","session":"a"}"#))
                == ["the grace of alice's phone has ended: it is there"]
        )
    }

    @Test("A restart of the broker ends the short ones")
    func restart() {
        var bridge = Self.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "lost")
        #expect(
            details(bridge.restartBroker(after: .seconds(1)))
                == ["the grace of alice's phone has ended: the broker was restarted"]
        )
    }

    @Test("An adopted thing's grace, and its gateway's")
    func adopted() throws {
        var bridge = try Bridge.adopting("tasmota") { $0.tellsGraces = true }
        bridge.hears("tele/lamp/LWT", "Online")
        #expect(
            details(bridge.hears("tele/lamp/LWT", "Offline"))
                == ["a grace of 3s has begun for tasmota-lamp's tasmota: lost"]
        )
        #expect(
            details(bridge.pass(.seconds(3)))
                == ["the grace of tasmota-lamp's tasmota has ended: it is gone"]
        )
    }

    @Test("A gateway's grace is that of all behind it")
    func gateway() throws {
        var bridge = try Bridge.adopting("zigbee2mqtt") { $0.tellsGraces = true }
        bridge.hears("zigbee2mqtt/bridge/state", #"{"state":"online"}"#)
        bridge.hears("zigbee2mqtt/hall/availability", #"{"state":"online"}"#)
        let begun = details(bridge.hears("zigbee2mqtt/bridge/state", #"{"state":"offline"}"#))
        #expect(begun.contains { $0.contains("3s has begun for the gateway zigbee2mqtt") })
        let back = details(bridge.hears("zigbee2mqtt/bridge/state", #"{"state":"online"}"#))
        #expect(back.contains { $0.hasSuffix("has ended: it is there") && $0.contains("gateway") })
        bridge.hears("zigbee2mqtt/bridge/state", #"{"state":"offline"}"#)
        let gone = details(bridge.pass(.seconds(3)))
        #expect(gone.contains { $0.hasSuffix("has ended: it is gone") && $0.contains("gateway") })
    }

    @Test("Where nobody reads that, nothing is said")
    func silence() {
        var bridge = Self.serving(tells: false)
        bridge.says("alice/phone", "online")
        #expect(details(bridge.says("alice/phone", "lost")) == [])
        #expect(details(bridge.pass(.seconds(3))) == [])
    }
}
