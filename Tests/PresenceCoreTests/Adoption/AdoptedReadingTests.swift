import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("Adopted topics over connections and restarts")
struct AdoptedReadingTests {
    private static let online = #"{"state":"online"}"#

    @Test("What is retained is found at a connection, and told once everything is read")
    func found() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.adopted["tele/plug/LWT"] = Array("Online".utf8)
        bridge.adopted["tele/lamp/LWT"] = Array("Offline".utf8)
        bridge.reconnect()
        #expect(bridge.word("tasmota-plug") == "online")
        #expect(bridge.status("tasmota-lamp") == nil)
        bridge.adopted["tele/plug/LWT"] = Array("Offline".utf8)
        bridge.reconnect()
        bridge.pass(.seconds(4))
        #expect(bridge.cause("tasmota-plug") == .lost)
    }

    @Test("A restart of the bridge is one of which nobody hears")
    func bridgeRestart() throws {
        var bridge = try Bridge.adopting("tasmota", "zigbee2mqtt", "home-assistant")
        bridge.hears("tele/plug/LWT", "Online")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.hears("zigbee2mqtt/hall/lamp/availability", Self.online)
        bridge.hears("homeassistant/status", "online", retained: false)
        let before = bridge.statuses
        bridge.restart()
        let effects = bridge.connect() + bridge.pass(.seconds(600))
        #expect(bridge.statuses == before)
        #expect(before.count == 4)
        #expect(effects.statuses == [])
        #expect(effects.corrections == [])
    }

    @Test("Where births are not retained, a gone word that is found overrules nothing")
    func unretainedBirths() throws {
        var bridge = try Bridge.adopting("hue2mqtt")
        // After one crash that is what whoever comes later finds, for ever.
        bridge.adopted["hue2mqtt/status"] = Array(#"{"online": false, "bridge": null}"#.utf8)
        bridge.hears(
            "hue2mqtt/status",
            #"{"online": true, "bridge": {"name": "x"}}"#,
            retained: false
        )
        bridge.reconnect()
        bridge.pass(.seconds(10))
        #expect(bridge.word("hue2mqtt") == "online")
        bridge.hears("hue2mqtt/status", #"{"online": false, "bridge": null}"#)
        bridge.pass(.seconds(10))
        #expect(bridge.cause("hue2mqtt") == .lost)
    }

    @Test("OwnTracks: a location that is found is none of now, and silence ends with the ttl")
    func ownTracks() throws {
        var bridge = try Bridge.adopting("owntracks ttl=1h")
        bridge.adopted["owntracks/ann/phone"] = Array(#"{"_type":"location"}"#.utf8)
        bridge.reconnect()
        #expect(bridge.status("owntracks-ann") == nil)
        bridge.hears("owntracks/ann/phone", #"{"_type":"location"}"#)
        #expect(bridge.word("owntracks-ann") == "online")
        bridge.hears("owntracks/ann/phone", #"{"tst":"1","_type":"lwt"}"#, retained: false)
        bridge.pass(.seconds(4))
        #expect(bridge.cause("owntracks-ann") == .lost)
        bridge.hears("owntracks/ann/phone", #"{"_type":"location"}"#)
        bridge.pass(.seconds(3_601))
        #expect(bridge.cause("owntracks-ann") == .ttl)
    }

    @Test("A topic that a reading does not find is asked for alone before its thing is gone")
    func missing() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.hears("tele/plug/LWT", "Online")
        bridge.adopted["tele/plug/LWT"] = nil
        let effects = bridge.reconnect()
        #expect(effects.readings.map(\.scope).contains(.adopted(["tele/plug/LWT"])))
        bridge.pass(.seconds(2))
        #expect(bridge.cause("tasmota-plug") == .logout)
    }

    @Test("A topic that a reading has only lost is found alone, and its thing stays")
    func dropped() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.hears("tele/plug/LWT", "Online")
        let topics = bridge.adopted
        bridge.send(.brokerLost)
        let order = bridge.send(.brokerFound).readings[0]
        bridge.adopted = [:]
        let more = bridge.send(bridge.found(order.id, order.scope) + [.readingEnded(order.id)])
        bridge.adopted = topics
        bridge.answerReadings(in: more)
        bridge.pass(.seconds(10))
        #expect(bridge.word("tasmota-plug") == "online")
    }

    @Test("The audit reads the topics of adopted things, too, and finds what was dropped")
    func audit() throws {
        var bridge = try Bridge.adopting("tasmota") { $0.auditInterval = .seconds(10) }
        bridge.hears("tele/plug/LWT", "Online")
        bridge.adopted["tele/plug/LWT"] = Array("Offline".utf8)
        for _ in 0..<12 { bridge.answerReadings(in: bridge.pass(.seconds(1))) }
        bridge.pass(.seconds(4))
        #expect(bridge.cause("tasmota-plug") == .lost)
    }

    @Test("The broker was killed and kept an older copy: a word that is found proves nothing")
    func brokerKilled() throws {
        var bridge = try Bridge.adopting("tasmota", "zigbee2mqtt")
        bridge.hears("tele/plug/LWT", "Online")
        bridge.hears("tele/lamp/LWT", "Online")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        let before = bridge.statuses
        bridge.restartBroker(after: .seconds(2))
        #expect(bridge.statuses == before)
        bridge.hears("tele/plug/LWT", "Online")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.pass(.seconds(61))
        // Who has spoken, and what is behind a gateway that has, was never away.
        for user in ["tasmota-plug", "zigbee2mqtt-hall", "zigbee2mqtt"] {
            #expect(bridge.statuses[Name(checked: user)] == before[Name(checked: user)], "\(user)")
        }
        #expect(bridge.cause("tasmota-lamp") == .restart)
        // The old copy does not bring it back.
        bridge.pass(.seconds(20))
        bridge.reconnect()
        bridge.pass(.seconds(1))
        #expect(bridge.word("tasmota-lamp") == "offline")
        bridge.hears("tele/lamp/LWT", "Online")
        #expect(bridge.word("tasmota-lamp") == "online")
    }

    @Test("After that, a gateway's end that the broker dropped counts as soon as it is found")
    func endDropped() throws {
        var bridge = try Bridge.adopting("zigbee2mqtt") { $0.auditInterval = .seconds(10) }
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        bridge.restartBroker(after: .seconds(2))
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        bridge.adopted["zigbee2mqtt/bridge/state"] = Array(#"{"state":"offline"}"#.utf8)
        for _ in 0..<16 { bridge.answerReadings(in: bridge.pass(.seconds(1))) }
        bridge.pass(.seconds(4))
        #expect(bridge.cause("zigbee2mqtt-hall") == .lost)
        // The gateway itself, as a thing that has not spoken, has the grace.
        bridge.pass(.seconds(60))
        #expect(bridge.word("zigbee2mqtt") == "offline")
    }

    @Test("Nothing of a gateway that does not come back after a restart of the broker is there")
    func gatewayStaysAway() throws {
        var bridge = try Bridge.adopting("zigbee2mqtt")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        bridge.restartBroker(after: .seconds(2))
        bridge.pass(.seconds(61))
        #expect(bridge.cause("zigbee2mqtt-hall") == .restart)
        #expect(bridge.cause("zigbee2mqtt") == .restart)
        bridge.pass(.seconds(20))
        // Nor is it when only the bridge has restarted since.
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(600))
        #expect(bridge.cause("zigbee2mqtt-hall") == .restart)
        #expect(bridge.cause("zigbee2mqtt") == .restart)
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        #expect(bridge.word("zigbee2mqtt-hall") == "online")
    }

    @Test("Who sleeps over a restart of the broker sleeps on until it should wake")
    func sleepsOver() throws {
        var bridge = try Bridge.adopting("tasmota")
        let wakes = bridge.now.second + 3_600
        bridge.hears("tele/cell/LWT", "Online")
        bridge.hears("tele/cell/DEEPSLEEP", #"{"DeepSleep":{"Wakeup":\#(wakes)}}"#)
        bridge.hears("tele/cell/LWT", "Offline")
        bridge.reconnect()
        bridge.restartBroker(after: .seconds(2))
        bridge.pass(.seconds(3_000))
        #expect(bridge.word("tasmota-cell") == "sleeping")
        bridge.pass(.seconds(800))
        #expect(bridge.cause("tasmota-cell") == .lost)
    }

    @Test("A broker that ends sends every will: who is back within the grace was never away")
    func brokerEnds() throws {
        var bridge = try Bridge.adopting("tasmota", "zigbee2mqtt")
        bridge.hears("tele/plug/LWT", "Online")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        let before = bridge.statuses
        bridge.hears("tele/plug/LWT", "Offline")
        bridge.hears("zigbee2mqtt/bridge/state", #"{"state":"offline"}"#)
        bridge.restartBroker(after: .seconds(10))
        bridge.pass(.seconds(20))
        #expect(bridge.statuses == before)
        bridge.hears("tele/plug/LWT", "Online")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.pass(.seconds(90))
        #expect(bridge.statuses == before)
    }

    @Test("Homie 5: what describes a root is found again, and does not make its old word count")
    func describedRoot() throws {
        var bridge = try Bridge.adopting("homie root=ebus version=5")
        bridge.hears("ebus/5/gw/$description", #"{"children":["pump"]}"#)
        bridge.hears("ebus/5/gw/$state", "ready")
        bridge.hears("ebus/5/pump/$description", #"{"root":"gw"}"#)
        bridge.hears("ebus/5/pump/$state", "ready")
        let before = bridge.statuses
        #expect(before.count == 2)
        // The broker ends in order, and sends the will.
        bridge.hears("ebus/5/gw/$state", "lost")
        bridge.restartBroker(after: .seconds(10))
        bridge.pass(.seconds(20))
        #expect(bridge.statuses == before)
        bridge.hears("ebus/5/pump/$state", "ready")
        bridge.hears("ebus/5/gw/$state", "ready")
        bridge.pass(.seconds(90))
        #expect(bridge.statuses == before)
    }
}

@Suite("Adopted things among devices")
struct AdoptedDeviceTests {
    @Test("Nobody else speaks for a device that was adopted: its own topic is cleared")
    func oneVoice() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.hears("tele/plug/LWT", "Online")
        let effects = bridge.says("tasmota-plug/tasmota", "away")
        #expect(effects.errorCode == "forbidden")
        #expect(effects.corrections == ["clear device/tasmota-plug/tasmota"])
        #expect(bridge.word("tasmota-plug") == "online")
        // The user may have devices of its own beside it.
        bridge.says("tasmota-plug/phone", "busy")
        #expect(bridge.word("tasmota-plug") == "busy")
        #expect(bridge.status("tasmota-plug")?.devices.map(\.name.text) == ["phone", "tasmota"])
    }

    @Test("One user may have all things, up to as many as a user has devices")
    func oneUser() throws {
        var bridge = try Bridge.adopting("tasmota user=things device={name}") { $0.maxDevices = 3 }
        var logged: [String] = []
        for number in 1...5 { logged += bridge.hears("tele/plug\(number)/LWT", "Online").logged }
        #expect(bridge.status("things")?.devices.count == 3)
        #expect(logged.count == 1)
    }

    @Test("A user's limit is for its own devices and adopted ones together")
    func together() throws {
        var bridge = try Bridge.adopting("tasmota user=ann device=t-{name}") { $0.maxDevices = 2 }
        bridge.says("ann/phone", "away")
        bridge.hears("tele/lamp/LWT", "Online")
        bridge.hears("tele/plug/LWT", "Online")
        let names = { (bridge: Bridge) in bridge.status("ann")?.devices.map(\.name.text) }
        #expect(names(bridge) == ["phone", "t-lamp"])
        #expect(bridge.says("ann/web", "online").errorCode == "too_many_devices")
        // Where one goes there is room for whoever waits.
        bridge.says("ann/phone", "offline")
        bridge.pass(.seconds(1))
        #expect(names(bridge) == ["t-lamp", "t-plug"])
        #expect(bridge.says("ann/web", "online").errorCode == "too_many_devices")
        bridge.restart()
        bridge.connect()
        #expect(bridge.says("ann/web", "online").errorCode == "too_many_devices")
        bridge.hears("tele/plug/LWT", "Offline")
        bridge.pass(.seconds(4))
        bridge.says("ann/web", "online")
        #expect(names(bridge) == ["t-lamp", "web"])
    }

    @Test("A thousand things of one user are each found by name, and forgotten one by one")
    func thousand() throws {
        var bridge = try Bridge.adopting("tasmota user=things device={name}") {
            $0.maxDevices = 10_000
        }
        for number in 1...1_000 { bridge.hears("tele/plug\(number)/LWT", "Online") }
        #expect(bridge.status("things")?.devices.count == 1_000)
        for number in 1...1_000 where number % 3 > 0 { bridge.hears("tele/plug\(number)/LWT", "") }
        bridge.pass(.seconds(1))
        #expect(bridge.status("things")?.devices.count == 333)
        bridge.hears("tele/plug1/LWT", "Online")
        bridge.hears("tele/plug999/LWT", "Offline")
        bridge.pass(.seconds(4))
        #expect(bridge.status("things")?.devices.count == 333)
    }

    @Test("Two topics of one name: the first is the thing, and the other is named once")
    func oneName() throws {
        var bridge = try Bridge.adopting(
            "tasmota",
            "topic=x/{name}/LWT user=tasmota-{name} device=tasmota"
        )
        bridge.hears("tele/plug/LWT", "Online")
        var logged = bridge.hears("x/plug/LWT", "offline").logged
        logged += bridge.hears("x/plug/LWT", "offline").logged
        #expect(
            logged == [
                "x/plug/LWT is not adopted, since tele/plug/LWT is device tasmota of user tasmota-plug"
            ]
        )
        bridge.pass(.seconds(4))
        #expect(bridge.word("tasmota-plug") == "online")
    }

    @Test("A name that is none is told once, as it is written")
    func otherName() throws {
        var bridge = try Bridge.adopting("topic=hmd/{name...}/availability user=hmd-{name}")
        let logged = try bridge.hears(capture: "hmd-manual kill").logged
        #expect(logged.count == 1)
        #expect(
            logged.first?.contains("is device thing of user hmd-binary_sensor-Hall-door-") == true
        )
    }

    @Test("A line that has found nothing is named, with the right that may be missing")
    func nothingFound() throws {
        var bridge = try Bridge.adopting("tasmota", "sparkplug", "homie")
        bridge.adopted["homie/pump/$state"] = Array("ready".utf8)
        bridge.restart()
        let logged = bridge.connect().logged.filter { $0.hasPrefix("'adopt") }
        #expect(logged.count == 2)
        #expect(
            logged.first?.contains("topic read tele/+/LWT, topic read tele/+/DEEPSLEEP") == true
        )
    }

    @Test("A thing that is away for long is forgotten, and its name is free again")
    func forgetting() throws {
        var bridge = try Bridge.adopting("tasmota") {
            $0.deviceForgetAfter = .seconds(60)
            $0.forgetAfter = .seconds(120)
        }
        bridge.hears("tele/plug/LWT", "Online")
        bridge.hears("tele/plug/LWT", "Offline")
        bridge.pass(.seconds(64))
        #expect(!bridge.disk.replay.contains { if case .putDevice = $0 { true } else { false } })
        bridge.pass(.seconds(180))
        #expect(bridge.core.namesHeld == 0)
        #expect(bridge.disk.replay.allSatisfy { if case .putBroker = $0 { true } else { false } })
    }

    @Test(
        "A store that was lost: who is online is taken from the retained status, each by its own voice"
    )
    func lostStore() throws {
        var bridge = try Bridge.adopting("tasmota", "home-assistant")
        bridge.hears("homeassistant/status", "online", retained: false)
        bridge.says("home-assistant/phone", "away")
        let before = bridge.statuses
        bridge.disk = Disk()
        bridge.restart()
        let effects = bridge.connect() + bridge.pass(.seconds(30))
        #expect(bridge.status("home-assistant")?.devices.count == 2)
        #expect(effects.corrections == [])
        bridge.hears("homeassistant/status", "offline", retained: false)
        bridge.pass(.seconds(4))
        #expect(bridge.word("home-assistant") == "away")
        #expect(before.count == 1)
    }

    @Test("A line that is taken away: its things are gone once the topics of devices are read")
    func lineGone() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.hears("tele/plug/LWT", "Online")
        bridge.plan = .init()
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(4))
        #expect(bridge.cause("tasmota-plug") == .logout)
    }

    @Test("Where nothing is adopted, nothing comes of such a message")
    func nothingAdopted() {
        var bridge = Bridge.serving()
        #expect(bridge.hears("tele/plug/LWT", "Online") == [])
    }
}
