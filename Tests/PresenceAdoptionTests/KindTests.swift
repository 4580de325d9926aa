import Presence
import PresenceAdoption
import Testing

/// What each kind makes of what its programs say, by their sources and documents.
@Suite("The kinds of things")
struct KindTests {
    /// A line, a topic, a payload, and what that means.
    private static let words: [(line: String, topic: String, payload: String, says: String)] = [
        ("tasmota", "tele/plug/LWT", "Online", "tasmota-plug/tasmota online"),
        ("tasmota", "tele/plug/LWT", "Offline", "tasmota-plug/tasmota lost"),
        ("tasmota", "tele/plug/LWT", "", "tasmota-plug/tasmota removed"),
        (
            "tasmota", "tele/plug/DEEPSLEEP",
            #"{"DeepSleep":{"Time":"2026-11-28T10:00:00","DeepSleep":1795860000,"Wakeup":1795863600}}"#,
            "tasmota-plug/tasmota sleeps 1795863600"
        ),
        ("tasmota topic={name}/tele/LWT", "plug/tele/LWT", "Online", "tasmota-plug/tasmota online"),
        (
            "tasmota topic={name}/tele/LWT", "plug/tele/DEEPSLEEP", "x",
            "tasmota-plug/tasmota unknown"
        ),
        (
            "zigbee2mqtt", "zigbee2mqtt/bridge/state", #"{"state":"online"}"#,
            "zigbee2mqtt/zigbee2mqtt online"
        ),
        ("zigbee2mqtt", "zigbee2mqtt/bridge/state", "offline", "zigbee2mqtt/zigbee2mqtt lost"),
        (
            "zigbee2mqtt", "zigbee2mqtt/lamp/availability", #"{"state":"offline"}"#,
            "zigbee2mqtt-lamp/zigbee2mqtt lost"
        ),
        (
            "zigbee2mqtt base=z2", "z2/lamp/availability", #"{"state":"online"}"#,
            "zigbee2mqtt-lamp/zigbee2mqtt online"
        ),
        (
            "esphome topic=esp/{name}/status", "esp/hall/status", "online",
            "esphome-hall/esphome online"
        ),
        ("esphome", "hall/status", "offline", "esphome-hall/esphome lost"),
        ("homie root=valetudo", "valetudo/robot/$state", "alert", "homie-robot/homie alert"),
        ("homie", "homie/pump/$state", "sleeping", "homie-pump/homie sleeping"),
        ("shelly", "shellies/shelly1-1a2b/online", "false", "shelly-shelly1-1a2b/shelly lost"),
        (
            "shelly topic={name}/online", "plus1-1a2b/online", "true",
            "shelly-plus1-1a2b/shelly online"
        ),
        ("wled", "wled/a1b2c3/status", "online", "wled-a1b2c3/wled online"),
        (
            "espresense", "espresense/rooms/hall/status", "offline",
            "espresense-hall/espresense lost"
        ),
        (
            "openmqttgateway", "home/gate/LWT", "online",
            "openmqttgateway-gate/openmqttgateway online"
        ),
        (
            "zwave-js-ui", "zwave/_CLIENTS/ZWAVE_GATEWAY-x/status",
            #"{"value":true,"time":1795860000000}"#,
            "zwave-js-ui-ZWAVE_GATEWAY-x/zwave-js-ui online"
        ),
        (
            "zwave-js-ui", "zwave/_CLIENTS/ZWAVE_GATEWAY-x/status", #"{"value":false}"#,
            "zwave-js-ui-ZWAVE_GATEWAY-x/zwave-js-ui lost"
        ),
        ("zwave-js-ui", "zwave/driver/status", "false", "zwave/driver/status lost"),
        (
            "zwave-js-ui", "zwave/7/status",
            #"{"time":1,"value":false,"status":"Dead","nodeId":7}"#,
            "zwave-js-ui-7/zwave-js-ui lost"
        ),
        ("zwave-js-ui", "zwave/7/status", "true", "zwave-js-ui-7/zwave-js-ui online"),
        ("frigate", "frigate/available", "stopped", "frigate/frigate ended"),
        ("octoprint", "octoPrint/mqtt", "disconnected", "octoprint/octoprint lost"),
        (
            "hue2mqtt", "hue2mqtt/status", #"{"online": true, "bridge": {"name": "x"}}"#,
            "hue2mqtt/hue2mqtt online"
        ),
        (
            "hue2mqtt", "hue2mqtt/status", #"{"online": false, "bridge": null}"#,
            "hue2mqtt/hue2mqtt lost"
        ),
        (
            "owntracks ttl=1h", "owntracks/ann/phone", #"{"_type":"lwt"}"#,
            "owntracks-ann/phone lost"
        ),
        (
            "owntracks ttl=1h", "owntracks/ann/phone", #"{"tst":"1795860000","_type":"lwt"}"#,
            "owntracks-ann/phone lost"
        ),
        (
            "owntracks ttl=1h", "owntracks/ann/phone", #"{"_type":"location","lat":1.5}"#,
            "owntracks-ann/phone online"
        ),
        (
            "home-assistant", "homeassistant/status", "online",
            "home-assistant/home-assistant online"
        ),
        (
            "mosquitto-bridge", "$SYS/broker/connection/edge.main/state", "0",
            "mosquitto-bridge-edge.main/mosquitto-bridge lost"
        ),
        ("wirenboard", "/devices/relay/meta/error", "r", "wirenboard-relay/wirenboard lost"),
        ("wirenboard", "/devices/relay/meta/error", "", "wirenboard-relay/wirenboard online"),
        ("wirenboard", "/devices/relay/meta/name", "Relay", "wirenboard-relay/wirenboard present"),
        (
            "emqx", "$SYS/brokers/n@h/clients/c1/connected", #"{"clientid":"c1"}"#,
            "emqx-c1/emqx online"
        ),
        (
            "emqx", "$SYS/brokers/n@h/clients/c1/disconnected", #"{"reason":"normal"}"#,
            "emqx-c1/emqx ended"
        ),
        (
            "emqx", "$SYS/brokers/n@h/clients/c1/disconnected", #"{"reason":"tcp_closed"}"#,
            "emqx-c1/emqx lost"
        ),
        (
            "chirpstack", "eu868/gateway/0016c001f1500812/state/conn",
            #"{"gatewayId":"0016c001f1500812"}"#,
            "chirpstack-0016c001f1500812/chirpstack lost"
        ),
        (
            "chirpstack", "gateway/0016c001f1500812/state/conn",
            #"{"state":"ONLINE","gatewayId":"0016c001f1500812"}"#,
            "chirpstack-0016c001f1500812/chirpstack online"
        ),
        // cosalette: JSON while it is there, a plain word as its will.
        (
            "topic={name}/status path=status on=online off=offline", "app/status",
            #"{"status":"online","uptime_s":1,"devices":{},"version":"1"}"#,
            "thing-app/thing online"
        ),
        (
            "topic={name}/status path=status on=online off=offline", "app/status", "offline",
            "thing-app/thing lost"
        ),
    ]

    @Test("Each word means what its program means by it")
    func meanings() throws {
        for (line, topic, payload, says) in Self.words {
            #expect(try Plan(line).says(topic, payload) == says, "\(line): \(topic) \(payload)")
        }
    }

    @Test("ChirpStack: OFFLINE is a field that is not there, and anything else is no state")
    func chirpStack() throws {
        let plan = try Plan("chirpstack")
        let topic = "gateway/0016c001f1500812/state/conn"
        let gateway = "chirpstack-0016c001f1500812/chirpstack"
        let id: [UInt8] = [0x1A, 0x10] + Array("0016c001f1500812".utf8)
        #expect(plan.says(topic, [0x10, 0x01] + id) == "\(gateway) online")
        #expect(plan.says(topic, id) == "\(gateway) lost")
        for noise: [UInt8] in [
            [0xFF], [0x10], [0x1A, 0xFF, 0x01], [0x10, 0x02] + id, Array("x".utf8),
        ] {
            #expect(plan.says(topic, noise) == "\(gateway) unknown")
        }
    }

    @Test("Every kind has a line of its own that is taken, and no filters that meet")
    func kinds() throws {
        for kind in AdoptionKind.all {
            let plan = try Plan("\(kind.name) ttl=1h")
            #expect(!plan.filters.isEmpty)
        }
        #expect(Set(AdoptionKind.all.map(\.name)).count == AdoptionKind.all.count)
        #expect(try Plan("homie version=2").filters == ["devices/+/$online"])
    }

    @Test("What stands behind a gateway names it")
    func gateways() throws {
        let zigbee = try Plan("zigbee2mqtt").plan
        let lamp = try #require(zigbee.hear("zigbee2mqtt/hall/lamp/availability", []))
        let bridge = try #require(zigbee.hear("zigbee2mqtt/bridge/state", []))
        #expect(zigbee.source(of: lamp) == "zigbee2mqtt/bridge/state")
        #expect(zigbee.gateway(of: bridge) == "zigbee2mqtt/bridge/state")
        #expect(zigbee.gateway(of: lamp) == nil)

        let zwave = try Plan("zwave-js-ui").plan
        let node = try #require(zwave.hear("zwave/hall/7/status", []))
        let driver = try #require(zwave.hear("zwave/driver/status", []))
        let client = try #require(zwave.hear("zwave/_CLIENTS/ZWAVE_GATEWAY-x/status", []))
        #expect(zwave.source(of: node) == zwave.gateway(of: driver))
        #expect(zwave.source(of: driver) == zwave.gateway(of: client))
        #expect(zwave.source(of: client) == nil)
    }

    @Test("A source of a line stands above its gateway, be it adopted or not")
    func chains() throws {
        let source = "$SYS/broker/connection/edge.main/state"
        for lines in [
            ["zigbee2mqtt source=\(source)"], ["zigbee2mqtt source=\(source)", "mosquitto-bridge"],
        ] {
            let plan = try AdoptionPlan(lines.map { try AdoptionLine($0) }, topicPrefix: "presence")
            let bridge = try #require(plan.hear("zigbee2mqtt/bridge/state", []))
            let above = try #require(plan.hear(source, Array("1".utf8)))
            #expect(plan.source(of: bridge) == source)
            #expect(plan.gateway(of: above) == source)
            #expect(above.saying == .online(.online))
        }
    }
}
