import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("What a restart makes of adopted things")
struct AdoptedRestartTests {
    private static let online = #"{"state":"online"}"#
    private static let offline = #"{"state":"offline"}"#

    private func zigbee() throws -> Bridge {
        var bridge = try Bridge.adopting("zigbee2mqtt")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        return bridge
    }

    /// The broker ends with everything saved, the bridge's own end, too.
    private func endBroker(_ bridge: inout Bridge) {
        bridge.ownState = Array(#"{"state":"offline"}"#.utf8)
        bridge.stateLeftBy = bridge.markLeftBy
    }

    @Test("A thing that has broken its promise is lost to the next process, too, until it is alive")
    func brokenPromise() throws {
        var bridge = try Bridge.adopting(
            "topic=eco/{name}/availability on=online off= ttl=15m alive=eco/{name}/data/#"
        )
        bridge.hears("eco/roof/availability", "online")
        bridge.pass(.seconds(901))
        #expect(bridge.cause("thing-roof") == .ttl)
        for _ in 0..<2 {
            bridge.restart()
            let effects = bridge.connect() + bridge.pass(.seconds(20))
            #expect(effects.statuses == [])
            #expect(bridge.cause("thing-roof") == .ttl)
        }
        bridge.hears("eco/roof/data/wind", "3", retained: false)
        #expect(bridge.word("thing-roof") == "online")
    }

    @Test("A broken promise holds over a restart of the broker, whatever that has kept")
    func brokenPromiseKept() throws {
        var bridge = try Bridge.adopting("topic=eco/{name}/availability on=online off= ttl=15m")
        bridge.hears("eco/roof/availability", "online")
        bridge.pass(.seconds(901))
        bridge.echoMark()
        endBroker(&bridge)
        let effects = bridge.restartBroker(after: .seconds(2)) + bridge.pass(.seconds(60))
        #expect(effects.statuses == [])
        bridge.hears("eco/roof/availability", "online")
        #expect(bridge.word("thing-roof") == "online")
    }

    @Test("A gateway that has ended with the broker takes its things with it, whose words stay")
    func gatewayEnds() throws {
        var bridge = try zigbee()
        bridge.echoMark()
        bridge.hears("zigbee2mqtt/bridge/state", Self.offline)
        endBroker(&bridge)
        // Nobody is left who knows of the gateway.
        bridge.brokerStarted = bridge.now.second
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(61))
        #expect(bridge.word("zigbee2mqtt") == "offline")
        #expect(bridge.word("zigbee2mqtt-hall") == "offline")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        #expect(bridge.word("zigbee2mqtt-hall") == "online")
    }

    @Test("Things that were given up with their gateway are back with it")
    func givenUp() throws {
        var bridge = try zigbee()
        bridge.restartBroker(after: .seconds(2))
        bridge.pass(.seconds(61))
        #expect(bridge.cause("zigbee2mqtt-hall") == .restart)
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        #expect(bridge.word("zigbee2mqtt-hall") == "online")
    }

    @Test("What a thing stands behind is stored: whoever does not speak goes with it")
    func stored() throws {
        var bridge = try Bridge.adopting("homie version=5")
        bridge.hears("homie/5/gw/$description", #"{"version":1}"#)
        bridge.hears("homie/5/gw/$state", "ready")
        bridge.hears("homie/5/pump/$description", #"{"root":"gw"}"#)
        bridge.hears("homie/5/pump/$state", "ready")
        bridge.restart()
        // What the child says is dropped, and the root's will comes.
        bridge.adopted = bridge.adopted.filter { $0.key.contains("/gw/") }
        bridge.send(.brokerFound)
        bridge.hears("homie/5/gw/$state", "lost")
        #expect(
            bridge.disk.replay.contains { change in
                if case .putDevice(let record) = change {
                    record.session == "homie/5/gw/$state"
                } else {
                    false
                }
            }
        )
    }

    @Test("Who sleeps is found asleep where bridge and broker were started again together")
    func sleepsOverBoth() throws {
        var bridge = try Bridge.adopting("tasmota")
        let wakes = bridge.now.second + 3_600
        bridge.hears("tele/cell/LWT", "Online")
        bridge.hears("tele/cell/DEEPSLEEP", #"{"DeepSleep":{"Wakeup":\#(wakes)}}"#)
        bridge.hears("tele/cell/LWT", "Offline")
        bridge.brokerStarted = bridge.now.second
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(600))
        #expect(bridge.word("tasmota-cell") == "sleeping")
        // An older copy does not wake it.
        bridge.adopted["tele/cell/LWT"] = Array("Online".utf8)
        bridge.restartBroker(after: .seconds(2))
        bridge.pass(.seconds(600))
        #expect(bridge.word("tasmota-cell") == "sleeping")
        bridge.hears("tele/cell/LWT", "Online")
        #expect(bridge.word("tasmota-cell") == "online")
    }

    @Test("What only the broker was told, since the store took nothing, holds for the next process")
    func toldAlone() throws {
        var bridge = try Bridge.adopting("hue2mqtt")
        bridge.hears("hue2mqtt/status", #"{"online": true}"#, retained: false)
        bridge.storeFault = "disk full"
        bridge.hears("hue2mqtt/status", #"{"online": false}"#, retained: false)
        bridge.pass(.seconds(20))
        #expect(bridge.word("hue2mqtt") == "offline")
        bridge.storeFault = nil
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(20))
        #expect(bridge.word("hue2mqtt") == "offline")
        bridge.hears("hue2mqtt/status", #"{"online": true}"#, retained: false)
        #expect(bridge.word("hue2mqtt") == "online")
    }

    @Test("Who died awake does not sleep by what it had said before, whoever finds that")
    func earlierSleep() throws {
        var bridge = try Bridge.adopting("tasmota")
        let wakes = bridge.now.second + 3_600
        bridge.hears("tele/cell/DEEPSLEEP", #"{"DeepSleep":{"Wakeup":\#(wakes)}}"#)
        for word in ["Online", "Offline", "Online", "Offline"] {
            bridge.hears("tele/cell/LWT", word)
        }
        bridge.pass(.seconds(20))
        #expect(bridge.word("tasmota-cell") == "offline")
        bridge.restart()
        bridge.connect()
        #expect(bridge.word("tasmota-cell") == "offline")
        // The same of one that is found awake, and then dies.
        bridge.adopted["tele/cell/LWT"] = Array("Online".utf8)
        bridge.restart()
        bridge.connect()
        bridge.hears("tele/cell/LWT", "Offline")
        bridge.pass(.seconds(20))
        #expect(bridge.word("tasmota-cell") == "offline")
    }

    @Test("Who was lost with a killed broker is not back because that ends in order later")
    func doubtedTwice() throws {
        var bridge = try zigbee()
        bridge.restartBroker(after: .seconds(2))
        bridge.pass(.seconds(61))
        #expect(bridge.cause("zigbee2mqtt") == .restart)
        bridge.echoMark()
        endBroker(&bridge)
        bridge.restartBroker(after: .seconds(2))
        bridge.pass(.seconds(61))
        #expect(bridge.word("zigbee2mqtt") == "offline")
        #expect(bridge.word("zigbee2mqtt-hall") == "offline")
    }

    @Test("Who was found asleep is stored, and the next process knows it")
    func foundAsleep() throws {
        var bridge = try Bridge.adopting("tasmota")
        let wakes = bridge.now.second + 3_600
        bridge.adopted["tele/cell/LWT"] = Array("Offline".utf8)
        bridge.adopted["tele/cell/DEEPSLEEP"] = Array(#"{"DeepSleep":{"Wakeup":\#(wakes)}}"#.utf8)
        bridge.reconnect()
        bridge.restart()
        let effects = bridge.connect()
        #expect(effects.statuses == [])
        #expect(bridge.status("tasmota-cell") != nil)
        let answers = bridge.send(.asks("ann", "get", #"{"usernames":["tasmota-cell"]}"#)).answers
        #expect(answers.first?.contains("sleeping") == true)
    }

    @Test("Homie 5: a child of a dead root is not there for a moment, whatever is found first")
    func deadRoot() throws {
        var bridge = try Bridge.adopting("homie version=5")
        bridge.adopted["homie/5/gw/$state"] = Array("lost".utf8)
        bridge.adopted["homie/5/gw/$description"] = Array("{}".utf8)
        bridge.adopted["homie/5/lone/$state"] = Array("ready".utf8)
        bridge.adopted["homie/5/pump/$state"] = Array("ready".utf8)
        bridge.adopted["homie/5/pump/$description"] = Array(#"{"root":"gw"}"#.utf8)
        let order = bridge.send(.readingStalled).readings[0]
        // Each in a turn of its own, the description last.
        let found = bridge.found(order.id, order.scope)
        for input in found where !"\(input)".contains("$description") { bridge.send(input) }
        for input in found where "\(input)".contains("$description") { bridge.send(input) }
        #expect(bridge.status("homie-pump") == nil)
        bridge.send(.readingEnded(order.id))
        bridge.pass(.seconds(10))
        #expect(bridge.status("homie-pump") == nil)
        // Who has no description stands behind nobody.
        #expect(bridge.word("homie-lone") == "online")
        bridge.hears("homie/5/gw/$state", "ready")
        #expect(bridge.word("homie-pump") == "online")
    }

    @Test("What may be an old copy is none the less to the next process")
    func oldCopy() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.adopted["tele/plug/LWT"] = Array("Online".utf8)
        bridge.restartBroker(after: .seconds(2))
        bridge.pass(.seconds(90))
        #expect(bridge.status("tasmota-plug") == nil)
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(10))
        #expect(bridge.status("tasmota-plug") == nil)
        bridge.hears("tele/plug/LWT", "Online")
        #expect(bridge.word("tasmota-plug") == "online")
    }

    @Test("Each restart of the broker has the whole grace")
    func twoRestarts() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.hears("tele/plug/LWT", "Online")
        bridge.restartBroker(after: .seconds(2))
        bridge.pass(.seconds(50))
        bridge.restartBroker(after: .seconds(5))
        bridge.pass(.seconds(50))
        #expect(bridge.word("tasmota-plug") == "online")
        bridge.pass(.seconds(11))
        #expect(bridge.cause("tasmota-plug") == .restart)
    }

    @Test("A Homie thing whose word may be an old copy is not there because it names its root")
    func hanging() throws {
        var bridge = try Bridge.adopting("homie version=5")
        bridge.adopted["homie/5/pump/$state"] = Array("ready".utf8)
        bridge.adopted["homie/5/pump/$description"] = Array(#"{"root":"gw"}"#.utf8)
        bridge.restartBroker(after: .seconds(2))
        bridge.hears("homie/5/pump/$description", #"{"root":"gw"}"#)
        bridge.pass(.seconds(90))
        #expect(bridge.status("homie-pump") == nil)
        bridge.hears("homie/5/gw/$state", "ready")
        #expect(bridge.word("homie-pump") == "online")
    }
}
