import AdoptionCaptures
import Presence
import PresenceAdoption
import Testing

@Suite("Learning which lines fit")
struct LearningTests {
    private func learned(_ messages: [(String, String)], retained: Bool = true) -> [String] {
        var learning = Learning(topicPrefix: "presence")
        for (topic, word) in messages {
            learning.hear(topic, Array(word.utf8), isRetained: retained)
        }
        return lines(learning)
    }

    private func lines(_ learning: Learning) -> [String] {
        learning.report(seconds: 30).split(separator: "\n").map(String.init)
    }

    @Test(
        "What real programs were seen to publish is known, with another beginning than the usual one, too"
    )
    func captures() throws {
        let expected: [(section: String, line: String, things: String)] = [
            ("h4-kill", "adopt homie", "2 things: homie-lamp, homie-pump"),
            ("ebus-kill", "adopt homie version=5 root=ebus", "2 things: homie-gw, homie-pump"),
            ("mqttwarn-TERM", "adopt mqttwarn", "1 thing: mqttwarn-mqttwarn"),
            ("spbw-node kill", "adopt sparkplug", "1 thing: sparkplug-plant-line2"),
            ("spb-host-stop", "adopt sparkplug", "1 thing: sparkplug-scada"),
        ]
        for (section, line, things) in expected {
            var learning = Learning(topicPrefix: "presence")
            // Before it ends in order, which empties or parts.
            for message in try Capture.messages(section) {
                learning.hear(message.topic, message.payload, isRetained: message.isRetained)
            }
            let report = lines(learning)
            #expect(report.contains(line), "\(section): \(report)")
            #expect(report.contains("#   \(things)"), "\(section): \(report)")
        }
        var learning = Learning(topicPrefix: "presence")
        for message in try Capture.messages("linux2mqtt-KILL") {
            learning.hear(message.topic, message.payload, isRetained: message.isRetained)
        }
        #expect(lines(learning).contains("adopt linux2mqtt"))
    }

    @Test("Every kind with words is known by them, with no code for it")
    func kinds() {
        let expected: [(String, [(String, String)])] = [
            ("adopt tasmota", [("tele/plug/LWT", "Online")]),
            ("adopt tasmota topic={name}/tele/LWT", [("plug/tele/LWT", "Offline")]),
            ("adopt zigbee2mqtt", [("zigbee2mqtt/bridge/state", #"{"state":"online"}"#)]),
            (
                "adopt zigbee2mqtt base=z2m",
                [
                    ("z2m/lamp/availability", #"{"state":"online"}"#),
                    ("z2m/bridge/state", #"{"state":"online"}"#),
                ]
            ),
            ("adopt wled", [("wled/a1/status", "online")]),
            ("adopt espresense base=rooms2", [("rooms2/rooms/hall/status", "online")]),
            ("adopt homie root=valetudo", [("valetudo/robot/$state", "ready")]),
            ("adopt shelly topic={name}/online", [("shellyplus1-a/online", "true")]),
            ("adopt owntracks ttl=2h", [("owntracks/bob/phone", #"{"_type":"location"}"#)]),
            ("adopt mosquitto-bridge", [("$SYS/broker/connection/edge.main/state", "1")]),
        ]
        for (line, messages) in expected {
            #expect(learned(messages).contains(line), "\(line): \(learned(messages))")
        }
    }

    @Test(
        "Of several lines that fit a topic the narrowest is told, and what does not go together says why"
    )
    func narrowest() {
        let report = learned([
            ("homeassistant/status", "online"), ("gate/status", "online"),
            ("frigate/available", "online"),
        ])
        #expect(report.contains("adopt home-assistant"))
        #expect(report.contains("adopt frigate"))
        #expect(
            report.contains(
                "# adopt esphome: '+/status' overlaps 'homeassistant/status' of 'adopt home-assistant'; topic= makes them differ"
            )
        )
        #expect(report.contains("#   1 thing: esphome-gate"))
        #expect(learned([("gate/status", "online")]).contains("adopt esphome"))
    }

    @Test("What describes itself is told last, without what other lines read")
    func discovery() {
        func config(_ name: String, _ topic: String) -> (String, String) {
            (
                "homeassistant/light/\(name)/config",
                #"{"avty_t":"\#(topic)","dev":{"ids":["\#(name)"],"name":"\#(name)"}}"#
            )
        }
        let report = learned([
            ("tele/plug/LWT", "Online"), config("plug", "tele/plug/LWT"), config("Lamp", "lamp/s"),
            ("homeassistant/sensor/x/config", #"{"state_topic":"x"}"#),
        ])
        #expect(report.suffix(2) == ["adopt discovery", "#   1 thing: discovery-Lamp"])
        #expect(report.contains("adopt tasmota"))
    }

    @Test("What looks like availability and is of no kind is named, with a line that would fit")
    func strays() {
        let report = learned([
            ("plant/press/alive", "running"), ("plant/saw/alive", "dead"),
            ("plant/press/temperature", "1"),
            ("plant/press/status", "perhaps"),
        ])
        #expect(
            report.suffix(2) == [
                "# retained words of availability, it seems, of no kind that is known:",
                "#   plant/press/alive says running, and 1 more like it: adopt topic=plant/{name}/alive",
            ]
        )
        #expect(report.contains("# nothing of a kind that is known"))
        #expect(
            !learned([("plant/press/alive", "running")], retained: false).contains {
                $0.contains("press")
            }
        )
    }

    @Test("The protocol's own topics are none to adopt, and rubbish ends nothing")
    func rubbish() {
        let report = learned([
            ("presence/device/bob/state", "online"), ("", "x"), ("/", "online"),
            ("a\n/status", "online"),
            ("tele/plug/LWT", String(repeating: "{", count: 100_000)),
            ("homeassistant/light/x/config", String(repeating: "[", count: 100_000)),
            (String(repeating: "a/", count: 199) + "status", "online"),
        ])
        #expect(!report.contains { $0.contains("bob") })
        #expect(report.allSatisfy { !$0.contains("\n") })
        #expect(report[0] == "# heard 7 messages on 6 topics in 30 seconds")
    }

    @Test("Every line that is told is one that a configuration takes, together with the others")
    func lines() throws {
        var learning = Learning(topicPrefix: "presence")
        for kind in AdoptionKind.all {
            for topic in ["\(kind.name)/x/status", "\(kind.name)/status", "\(kind.name)/x/LWT"] {
                learning.hear(topic, Array("online".utf8), isRetained: true)
            }
        }
        let told = lines(learning).filter { $0.hasPrefix("adopt ") }
        #expect(!told.isEmpty)
        let all = try told.map { try AdoptionLine(String($0.dropFirst(6))) }
        #expect(throws: Never.self) { try AdoptionPlan(all, topicPrefix: "presence") }
    }

    @Test("Where nothing was heard, or the broker has dropped something, that is said")
    func nothing() {
        let own = learned([("presence/device/bob/state", "online")])
        #expect(own[1].hasPrefix("# nothing that could be adopted was heard"))
        #expect(own.contains("# presence-bridge learn 600"))
        #expect(!learned([("x", "y")]).contains { $0.contains("presence-bridge learn") })
        var learning = Learning(topicPrefix: "presence")
        learning.hear("tele/plug/LWT", Array("Online".utf8), isRetained: true)
        let words = "# the broker has dropped messages meanwhile: this may not be all"
        #expect(learning.report(seconds: 30, isCut: true).contains("\(words)\n"))
        #expect(!learning.report(seconds: 30).contains(words))
    }

    @Test("A topic that was emptied is forgotten")
    func emptied() {
        #expect(
            learned([("tele/plug/LWT", "Online"), ("tele/plug/LWT", "")])[0]
                == "# heard 2 messages on 0 topics in 30 seconds"
        )
    }
}
