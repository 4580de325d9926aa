import PresenceAdoption
import Testing

/// What real programs sent, and what each message of it means.
@Suite("Captured messages")
struct CaptureTests {
    @Test("Homie 4: an orderly end says disconnected, and then the will says lost")
    func homie4() throws {
        let plan = try Plan("homie")
        let pump = "homie-pump/homie"
        #expect(
            try plan.hears("h4-close") == [
                "\(pump) online", "\(pump) online", "\(pump) ended", "\(pump) lost",
            ]
        )
        #expect(
            try plan.hears("h4-kill-share") == [
                "\(pump) online", "\(pump) online", "homie-lamp/homie online",
                "homie-lamp/homie online", "\(pump) lost",
            ]
        )
    }

    @Test("Homie 2: $online in a root of its own, true first")
    func homie2() throws {
        let plan = try Plan("homie version=2")
        let device = "homie-xxxxxxxx/homie"
        #expect(try plan.hears("homie2-exit") == ["\(device) online", "\(device) lost"])
        #expect(try plan.hears("homie2-kill") == ["\(device) online", "\(device) lost"])
    }

    @Test("Homie 5: a child names its root, and the will is the root's alone")
    func homie5() throws {
        let plan = try Plan("homie root=ebus version=5")
        let (root, pump) = ("homie-gw/homie", "homie-pump/homie")
        #expect(
            try plan.hears("ebus-kill") == [
                "\(root) online", "\(root) hangs on nothing", "\(root) online", "\(pump) online",
                "\(pump) hangs on gw", "\(pump) online", "\(root) online",
                "\(root) hangs on nothing", "\(root) online", "\(root) lost",
            ]
        )
        #expect(try plan.hears("ebus-stop").suffix(2) == ["\(pump) ended", "\(root) ended"])
        let child = try #require(
            plan.plan.hear("ebus/5/pump/$description", Array(#"{"root":"gw"}"#.utf8))
        )
        #expect(plan.plan.source(named: "gw", in: child) == "ebus/5/gw/$state")
    }

    @Test("linux2mqtt: when it is killed its metrics stay online, behind the host")
    func linux2mqtt() throws {
        let plan = try Plan("linux2mqtt")
        let box = "linux2mqtt-box"
        let births = ["\(box)/cpu online", "\(box)/virtual_memory online"]
        #expect(
            try plan.hears("linux2mqtt-KILL")
                == births + ["\(box)/linux2mqtt online"] + births + ["\(box)/linux2mqtt lost"]
        )
        let metric = try #require(
            plan.plan.hear("linux/box/cpu/availability", Array("online".utf8))
        )
        #expect(plan.plan.source(of: metric) == "linux/box/status")
    }

    @Test("mqttwarn, miqro, Theengs and LNXlink: one word for the will and the end")
    func oneWord() throws {
        let mqttwarn = "mqttwarn-mqttwarn/mqttwarn"
        #expect(
            try Plan("mqttwarn").hears("mqttwarn-TERM") == [
                "\(mqttwarn) online", "\(mqttwarn) lost",
            ]
        )
        #expect(
            try Plan("mqttwarn").hears("mqttwarn-KILL") == [
                "\(mqttwarn) online", "\(mqttwarn) lost",
            ]
        )
        let miqro = try Plan("topic=service/{name}/online user=miqro-{name} device=miqro")
        #expect(
            try miqro.hears("miqro-KILL") == ["miqro-demo/miqro online", "miqro-demo/miqro lost"]
        )
        let theengs = "openmqttgateway-TheengsGateway/openmqttgateway"
        #expect(
            try Plan("openmqttgateway").hears("theengs-KILL")
                == ["\(theengs) online", "\(theengs) lost"]
        )
        let link = try Plan("topic=lnxlink/{name}/lwt")
        // The end and the will behind it.
        #expect(
            try link.hears("lnxlink-TERM").suffix(2) == [
                "thing-box/thing lost", "thing-box/thing lost",
            ]
        )
    }

    @Test("mqtt-io: a word for the end, and another for the will")
    func threeWords() throws {
        let plan = try Plan("topic=box/{name}/status on=running off=dead end=stopped")
        let births = ["thing-io/thing online", "thing-io/thing online"]
        #expect(try plan.hears("mqttio-INT") == births + ["thing-io/thing ended"])
        #expect(try plan.hears("mqttio-KILL") == births + ["thing-io/thing lost"])
    }

    @Test("ha-mqtt-discoverable: a topic of several levels, made one name")
    func severalLevels() throws {
        let plan = try Plan("topic=hmd/{name...}/availability user=hmd-{name}")
        let said = try plan.hears("hmd-manual kill")
        #expect(said.count == 2)
        #expect(
            said[0].wholeMatch(of: /hmd-binary_sensor-Hall-door-[0-9a-f]{8}\/thing online/) != nil
        )
        #expect(said[1].hasSuffix(" lost"))
    }

    @Test("Sparkplug: the numbers of births and deaths, as three libraries write them")
    func sparkplugNodes() throws {
        let plan = try Plan("sparkplug")
        func numbers(_ section: String, _ node: String) throws -> [String] {
            try plan.hears(section).filter { $0.hasPrefix("sparkplug-plant-\(node)/") }
                .map { String($0.split(separator: " ", maxSplits: 1)[1]) }
        }
        // Cut off by the capture, before the number.
        #expect(try numbers("spb-node-stop", "line1") == ["born -", "died 0"])
        #expect(try numbers("spbw-node kill", "line2") == ["born 1", "died 0"])
        #expect(
            try numbers("spbw-node again", "line2") == ["born 1", "died 1", "born 3", "died 3"]
        )
        #expect(try numbers("pyspb-kill", "line3") == ["born 0", "died 0"])
        #expect(try numbers("pyspb-again", "line3") == ["born 0", "died 1", "born 2", "died 3"])
    }

    @Test("Sparkplug: devices are behind their node, and hosts say so in JSON or as OFFLINE")
    func sparkplugOthers() throws {
        let plan = try Plan("sparkplug")
        let pump = "sparkplug-plant-line2-pump/sparkplug"
        #expect(
            try plan.hears("spbw-dev again")
                == ["\(pump) online", "\(pump) lost", "\(pump) online", "\(pump) lost"]
        )
        let device = try #require(plan.plan.hear("spBv1.0/plant/DBIRTH/line2/pump", [1]))
        #expect(plan.plan.source(of: device) == "spBv1.0/plant/line2")
        let host = "sparkplug-scada/sparkplug"
        #expect(try plan.hears("spb-host-stop") == ["\(host) online", "\(host) lost"])
        // Its will is some milliseconds older than its birth, and counts as it comes.
        #expect(try plan.hears("spb-host-kill").prefix(2) == ["\(host) online", "\(host) lost"])
        #expect(plan.says("spBv1.0/STATE/scada", "OFFLINE") == "\(host) lost")
    }
}
