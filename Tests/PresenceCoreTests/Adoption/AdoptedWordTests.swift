import Presence
import Testing

@testable import PresenceCore

@Suite("What adopted things say")
struct AdoptedWordTests {
    @Test("A birth is online and a will is lost after its grace, and nothing is ever written there")
    func birthAndWill() throws {
        var bridge = try Bridge.adopting("tasmota")
        var effects = bridge.hears("tele/plug/LWT", "Online")
        #expect(bridge.word("tasmota-plug") == "online")
        effects += bridge.hears("tele/plug/LWT", "Offline")
        #expect(bridge.word("tasmota-plug") == "online")
        effects += bridge.pass(.seconds(4))
        #expect(bridge.word("tasmota-plug") == "offline")
        #expect(bridge.cause("tasmota-plug") == .lost)
        #expect(effects.corrections == [])
        #expect(effects.answers == [])
    }

    @Test("What is back within the grace was never away")
    func grace() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.hears("tele/plug/LWT", "Online")
        let before = bridge.status("tasmota-plug")
        bridge.hears("tele/plug/LWT", "Offline")
        bridge.pass(.seconds(2))
        bridge.hears("tele/plug/LWT", "Online")
        bridge.pass(.seconds(10))
        #expect(bridge.status("tasmota-plug") == before)
    }

    @Test("An orderly end that ends in the will is one end, with the first cause")
    func oneEnd() throws {
        var bridge = try Bridge.adopting("homie", "homie root=valetudo user=valetudo-{name}")
        var effects = try bridge.hears(capture: "h4-close")
        effects += bridge.pass(.seconds(10))
        #expect(bridge.cause("homie-pump") == .logout)
        // Online, and gone: no more was told of it.
        #expect(effects.statuses.count == 2)

        effects = bridge.hears("valetudo/robot/$state", "ready")
        for word in ["disconnected", "lost", "disconnected"] {
            effects += bridge.hears("valetudo/robot/$state", word)
        }
        effects += bridge.pass(.seconds(10))
        // Later gone words change nothing.
        effects += bridge.hears("valetudo/robot/$state", "lost")
        effects += bridge.pass(.seconds(10))
        #expect(bridge.cause("valetudo-robot") == .logout)
        #expect(effects.statuses.count == 2)
        #expect(effects.corrections == [])
    }

    @Test("A word that the protocol ranks, or that a kind keeps, is shown")
    func words() throws {
        var bridge = try Bridge.adopting("homie")
        for (word, shown) in [
            ("init", "online"), ("alert", "alert"), ("sleeping", "sleeping"), ("ready", "online"),
        ] {
            bridge.hears("homie/pump/$state", word)
            #expect(bridge.word("homie-pump") == shown)
        }
    }

    @Test("JSON while it is there and a plain word as its will, on one topic")
    func jsonAndPlain() throws {
        var bridge = try Bridge.adopting("topic={name}/status path=status on=online off=offline")
        bridge.hears("app/status", #"{"status":"online","uptime_s":1,"devices":{},"version":"1"}"#)
        #expect(bridge.word("thing-app") == "online")
        bridge.hears("app/status", "offline")
        bridge.pass(.seconds(4))
        #expect(bridge.cause("thing-app") == .lost)
    }

    @Test("A word that nobody knows changes nothing, is counted, and is named once for each topic")
    func unknownWords() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.hears("tele/plug/LWT", "Online")
        let errors = bridge.core.metrics.errors
        var logged = bridge.hears("tele/plug/LWT", [0xFF, 0x00, 0x80]).logged
        logged +=
            bridge.hears("tele/plug/LWT", Array(repeating: 0x20, count: 1_000_000) + [0x78]).logged
        #expect(
            logged == ["adopt tasmota: what tele/plug/LWT says is none of the words that are known"]
        )
        #expect(bridge.core.metrics.errors == errors + 2)
        #expect(bridge.word("tasmota-plug") == "online")
        #expect(bridge.hears("tele/two/LWT", "x").logged.count == 1)
        #expect(bridge.status("tasmota-two") == nil)
        // Nor does it when it is found.
        bridge.hears("tele/plug/LWT", "updating")
        bridge.reconnect()
        bridge.pass(.seconds(600))
        #expect(bridge.word("tasmota-plug") == "online")
    }

    @Test("Wiren Board: an error counts before its device is known, until it is found no more")
    func wirenBoardErrors() throws {
        var bridge = try Bridge.adopting("wirenboard")
        bridge.hears("/devices/relay/meta/error", "r")
        bridge.hears("/devices/relay/meta/name", "Relay")
        #expect(bridge.status("wirenboard-relay") == nil)
        bridge.reconnect()
        #expect(bridge.status("wirenboard-relay") == nil)
        // It was cleared while nobody listened, and the broker keeps nothing that is empty.
        bridge.adopted["/devices/relay/meta/error"] = nil
        bridge.reconnect()
        #expect(bridge.word("wirenboard-relay") == "online")
        bridge.hears("/devices/relay/meta/error", "w")
        bridge.pass(.seconds(4))
        #expect(bridge.cause("wirenboard-relay") == .lost)
        bridge.adopted["/devices/relay/meta/error"] = nil
        bridge.restart()
        bridge.connect()
        #expect(bridge.word("wirenboard-relay") == "online")
    }

    @Test("So many words are named, and after a day others may be")
    func manyUnknownWords() throws {
        var bridge = try Bridge.adopting("tasmota")
        var logged = 0
        for number in 1...300 { logged += bridge.hears("tele/p\(number)/LWT", "x").logged.count }
        // One was made of the line, which had found nothing.
        #expect(logged == 199)
        bridge.pass(.seconds(86_400))
        #expect(bridge.hears("tele/p300/LWT", "x").logged.count == 1)
    }

    @Test("EMQX: the end of a connection that another one has taken over is none of the client's")
    func takenOver() throws {
        var bridge = try Bridge.adopting("emqx")
        let topic = "$SYS/brokers/emqx@127.0.0.1/clients/c1/"
        let events = { (time: Int, reason: String?) -> String in
            let tail = reason.map { ",\"reason\":\"\($0)\"" } ?? ""
            return "{\"clientid\":\"c1\",\"connected_at\":\(time)\(tail)}"
        }
        bridge.hears(topic + "connected", events(1_000, nil), retained: false)
        bridge.hears(topic + "connected", events(2_000, nil), retained: false)
        bridge.hears(topic + "disconnected", events(1_000, "takenover"), retained: false)
        bridge.pass(.seconds(10))
        #expect(bridge.word("emqx-c1") == "online")
        // What comes late of the old one says nothing of the new one.
        bridge.hears(topic + "disconnected", events(2_000, "normal"), retained: false)
        bridge.hears(topic + "connected", events(1_000, nil), retained: false)
        bridge.pass(.seconds(10))
        #expect(bridge.cause("emqx-c1") == .logout)
    }

    @Test("A topic that is emptied is a logout, and the thing is forgotten")
    func removal() throws {
        var bridge = try Bridge.adopting("zigbee2mqtt")
        bridge.hears("zigbee2mqtt/bridge/state", #"{"state":"online"}"#)
        bridge.hears("zigbee2mqtt/lamp/availability", #"{"state":"online"}"#)
        bridge.hears("zigbee2mqtt/lamp/availability", "")
        bridge.pass(.seconds(2))
        #expect(bridge.cause("zigbee2mqtt-lamp") == .logout)
        #expect(
            bridge.disk.replay.filter { if case .putDevice = $0 { true } else { false } }.count == 1
        )
    }

    @Test("What has no words of going is lost when its ttl is over, and lives by signs of life")
    func ttl() throws {
        var bridge = try Bridge.adopting(
            "topic=eco/{name}/availability on=online off= ttl=15m alive=eco/{name}/data/#"
        )
        bridge.hears("eco/roof/availability", "online")
        bridge.pass(.seconds(600))
        bridge.hears("eco/roof/data/wind", "3", retained: false)
        bridge.pass(.seconds(600))
        #expect(bridge.word("thing-roof") == "online")
        bridge.pass(.seconds(301))
        #expect(bridge.cause("thing-roof") == .ttl)
        // What is found again is no sign of life.
        bridge.reconnect()
        bridge.pass(.seconds(1))
        #expect(bridge.cause("thing-roof") == .ttl)
        bridge.hears("eco/roof/data/wind", "4", retained: false)
        #expect(bridge.word("thing-roof") == "online")
    }

    @Test("A sign of life takes back no gone word, and makes no thing")
    func signs() throws {
        var bridge = try Bridge.adopting("tasmota alive=tele/{name}/# ttl=1h")
        bridge.hears("tele/plug/STATE", "{}", retained: false)
        #expect(bridge.status("tasmota-plug") == nil)
        bridge.hears("tele/plug/LWT", "Online")
        bridge.hears("tele/plug/LWT", "Offline")
        bridge.hears("tele/plug/STATE", "{}", retained: false)
        bridge.pass(.seconds(4))
        #expect(bridge.cause("tasmota-plug") == .lost)
    }

    @Test("A thing that says when it wakes sleeps until then, and is lost if it does not")
    func sleeper() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.hears("tele/cell/LWT", "Online")
        let wakes = bridge.now.second + 3_600
        bridge.hears("tele/cell/DEEPSLEEP", #"{"DeepSleep":{"DeepSleep":1,"Wakeup":\#(wakes)}}"#)
        #expect(bridge.word("tasmota-cell") == "online")
        bridge.hears("tele/cell/LWT", "Offline")
        bridge.hears("tele/cell/DEEPSLEEP", "")
        bridge.pass(.seconds(3_600))
        #expect(bridge.word("tasmota-cell") == "sleeping")
        bridge.pass(.seconds(121))
        #expect(bridge.cause("tasmota-cell") == .lost)
        bridge.hears("tele/cell/LWT", "Online")
        #expect(bridge.word("tasmota-cell") == "online")
        bridge.hears("tele/cell/LWT", "Offline")
        bridge.pass(.seconds(4))
        #expect(bridge.cause("tasmota-cell") == .lost)
    }

    @Test("One that was awake before its time is lost like any other")
    func wokenSleeper() throws {
        var bridge = try Bridge.adopting("tasmota")
        let wakes = bridge.now.second + 3_600
        bridge.hears("tele/cell/LWT", "Online")
        bridge.hears("tele/cell/DEEPSLEEP", #"{"DeepSleep":{"Wakeup":\#(wakes)}}"#)
        for (word, shown) in [
            ("Offline", "sleeping"), ("Online", "online"), ("Offline", "offline"),
        ] {
            bridge.hears("tele/cell/LWT", word)
            bridge.pass(.seconds(4))
            #expect(bridge.word("tasmota-cell") == shown)
        }
    }

    @Test("A sleeper is found asleep, in whatever order its topics come")
    func sleeperFound() throws {
        var bridge = try Bridge.adopting("tasmota")
        let wakes = bridge.now.second + 3_600
        bridge.adopted["tele/cell/LWT"] = Array("Offline".utf8)
        bridge.adopted["tele/cell/DEEPSLEEP"] = Array(#"{"DeepSleep":{"Wakeup":\#(wakes)}}"#.utf8)
        bridge.reconnect()
        #expect(bridge.word("tasmota-cell") == "sleeping")
    }

    @Test("Wiren Board: a device is there by its name, unless it has an error")
    func wirenBoard() throws {
        var bridge = try Bridge.adopting("wirenboard")
        bridge.hears("/devices/relay/meta/name", "Relay")
        #expect(bridge.word("wirenboard-relay") == "online")
        bridge.hears("/devices/relay/meta/error", "r")
        bridge.hears("/devices/relay/meta/name", "Relay")
        bridge.pass(.seconds(4))
        #expect(bridge.cause("wirenboard-relay") == .lost)
        bridge.hears("/devices/relay/meta/error", "")
        #expect(bridge.word("wirenboard-relay") == "online")
    }
}
