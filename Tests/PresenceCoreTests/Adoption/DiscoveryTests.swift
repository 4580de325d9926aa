import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("Things that describe themselves to Home Assistant")
struct DiscoveryTests {
    private func lamp(
        _ topic: String = "lamp/s",
        name: String = "Lamp",
        _ more: String = ""
    ) -> String {
        #"{"avty_t":"\#(topic)","dev":{"ids":["\#(name.lowercased())"],"name":"\#(name)"}\#(more)}"#
    }

    private let config = "homeassistant/light/lamp/config"
    private let user = "discovery-Lamp"

    @Test("A topic is listened to once it is described, and its word is the device's")
    func words() throws {
        var bridge = try Bridge.adopting("discovery")
        bridge.adopted["lamp/s"] = Array("online".utf8)
        let effects = bridge.learns(config, lamp())
        #expect(effects.listened == ["lamp/s"])
        #expect(bridge.status(user)?.devices.map(\.name.text) == ["discovery"])
        bridge.hears("lamp/s", "offline")
        bridge.pass(.seconds(10))
        #expect(bridge.cause(user) == .lost)
        bridge.hears("lamp/s", "online")
        #expect(bridge.status(user)?.isOnline == true)
    }

    @Test("Many entities of one device are one thing, and a topic is listened to once")
    func entities() throws {
        var bridge = try Bridge.adopting("discovery")
        #expect(bridge.learns(config, lamp()).listened == ["lamp/s"])
        #expect(bridge.learns("homeassistant/sensor/lamp/power/config", lamp()).listened == [])
        bridge.hears("lamp/s", "online")
        #expect(bridge.core.metrics.usersOnline == 1)
        // The last message about it takes it away.
        #expect(bridge.learns(config, "").stopped == [])
        #expect(bridge.status(user)?.isOnline == true)
        #expect(bridge.learns("homeassistant/sensor/lamp/power/config", "").stopped == ["lamp/s"])
        bridge.pass(.seconds(10))
        #expect(bridge.cause(user) == .logout)
        bridge.hears("lamp/s", "online")
        #expect(bridge.status(user)?.isOnline == false)
    }

    @Test("Two topics: all, any, or the one that spoke last")
    func modes() throws {
        let two =
            #"{"avty":[{"t":"gw/s"},{"t":"lamp/s"}],"avty_mode":"MODE","dev":{"ids":["l"],"name":"Lamp"}}"#
        let expected: [(mode: String, steps: [(String, String, Bool)])] = [
            (
                "all",
                [
                    ("lamp/s", "online", false), ("gw/s", "online", true),
                    ("gw/s", "offline", false),
                    ("lamp/s", "online", false), ("gw/s", "online", true),
                    ("lamp/s", "offline", false),
                ]
            ),
            (
                "any",
                [
                    ("lamp/s", "online", true), ("gw/s", "offline", true), ("gw/s", "online", true),
                    ("lamp/s", "offline", true), ("gw/s", "offline", false),
                ]
            ),
            (
                "latest",
                [
                    ("lamp/s", "online", true), ("gw/s", "offline", false),
                    ("lamp/s", "online", true),
                    ("gw/s", "online", true), ("gw/s", "offline", false),
                ]
            ),
        ]
        for (mode, steps) in expected {
            var bridge = try Bridge.adopting("discovery")
            bridge.learns(config, two.replacing("MODE", with: mode))
            for (number, (topic, word, isOnline)) in steps.enumerated() {
                bridge.hears(topic, word)
                bridge.pass(.seconds(10))
                #expect(bridge.isOnline(user) == isOnline, "\(mode), step \(number)")
            }
            // Reading everything again is no news.
            let before = bridge.status(user)
            bridge.answerReadings(in: bridge.send(.readingStalled))
            bridge.pass(.seconds(10))
            #expect(bridge.status(user) == before, "\(mode)")
        }
    }

    @Test("All devices of a gateway go with its topic, and each new one knows what it said")
    func gateway() throws {
        var bridge = try Bridge.adopting("discovery")
        for number in 1...3 {
            let text = #"""
                {"avty":[{"t":"gw/s"},{"t":"l/\#(number)"}],"avty_mode":"all",
                 "dev":{"ids":["l\#(number)"],"name":"L\#(number)"}}
                """#
            let effects = bridge.learns("homeassistant/light/l\(number)/config", text)
            #expect(effects.listened == (number == 1 ? ["gw/s", "l/1"] : ["l/\(number)"]))
            if number == 1 { bridge.hears("gw/s", "online") }
            bridge.hears("l/\(number)", "online")
            #expect(bridge.isOnline("discovery-L\(number)"))
        }
        bridge.hears("gw/s", "offline")
        bridge.pass(.seconds(10))
        for number in 1...3 { #expect(bridge.cause("discovery-L\(number)") == .lost) }
        bridge.hears("gw/s", "online")
        for number in 1...3 { #expect(bridge.isOnline("discovery-L\(number)")) }
    }

    @Test("What another line reads is left to that line; beside a topic of its own it counts")
    func others() throws {
        var bridge = try Bridge.adopting("discovery", "zigbee2mqtt")
        bridge.adopted["zigbee2mqtt/bridge/state"] = Array(#"{"state":"online"}"#.utf8)
        bridge.answerReadings(in: bridge.send(.readingStalled))
        let path = #""val_tpl":"{{ value_json.state }}""#
        let read =
            #"{"avty":[{"t":"zigbee2mqtt/bridge/state",\#(path)}],"dev":{"ids":["a"],"name":"Lamp"}}"#
        #expect(bridge.learns(config, read).listened == [])
        #expect(!bridge.isOnline(user))
        let half = read.replacing("}],", with: #"},{"t":"own/s"}],"avty_mode":"all","#)
        bridge.adopted["own/s"] = Array("online".utf8)
        #expect(bridge.learns(config, half).listened == ["own/s"])
        #expect(bridge.isOnline(user))
        #expect(bridge.isOnline("zigbee2mqtt"))
        bridge.hears("zigbee2mqtt/bridge/state", #"{"state":"offline"}"#)
        bridge.pass(.seconds(10))
        #expect(bridge.cause(user) == .lost)
    }

    @Test("Topics below the own prefix, and what the bridge has written, are adopted by nobody")
    func own() throws {
        var bridge = try Bridge.adopting("discovery")
        #expect(bridge.learns(config, lamp("presence/bridge/x")).listened == [])
        #expect(
            bridge.learns(config, lamp("lamp/s", #","o":{"name":"presence-bridge"}"#)).listened
                == []
        )
    }

    @Test("A restart of the bridge is none of a thing, and one that is described no more is gone")
    func restart() throws {
        var bridge = try Bridge.adopting("discovery")
        bridge.learns(config, lamp())
        bridge.hears("lamp/s", "online")
        let before = bridge.status(user)
        bridge.restart()
        bridge.listens(bridge.connect())
        #expect(bridge.status(user) == before)
        bridge.adopted[config] = nil
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(10))
        #expect(bridge.cause(user) == .logout)
    }

    @Test(
        "At each connection what was learned is listened to again, and what went meanwhile is gone"
    )
    func reconnection() throws {
        var bridge = try Bridge.adopting("discovery")
        bridge.learns(config, lamp())
        bridge.hears("lamp/s", "online")
        bridge.learns("homeassistant/light/b/config", lamp("b/s", name: "B"))
        bridge.hears("b/s", "online")
        #expect(bridge.reconnect().listened == ["b/s", "lamp/s"])
        #expect(bridge.isOnline(user))
        // One describes itself no more, the topic of the other is empty.
        bridge.adopted[config] = nil
        bridge.adopted["b/s"] = nil
        bridge.reconnect()
        bridge.pass(.seconds(10))
        #expect(bridge.cause(user) == .logout)
        #expect(bridge.cause("discovery-B") == .logout)
    }

    @Test("A topic that was emptied while the bridge was away is a logout after its restart")
    func emptiedMeanwhile() throws {
        var bridge = try Bridge.adopting("discovery")
        bridge.learns(config, lamp())
        bridge.hears("lamp/s", "online")
        // A device of which nothing was ever retained, and one of which half is.
        bridge.learns("homeassistant/light/b/config", lamp("b/s", name: "B"))
        bridge.hears("b/s", "online", retained: false)
        let two =
            #"{"avty":[{"t":"c/1"},{"t":"c/2"}],"avty_mode":"all","dev":{"ids":["c"],"name":"C"}}"#
        bridge.learns("homeassistant/light/c/config", two)
        bridge.hears("c/1", "online")
        bridge.hears("c/2", "online", retained: false)
        // It is known that something is retained once it was found.
        bridge.answerReadings(in: bridge.send(.readingStalled))
        let (before, half) = (bridge.status("discovery-B"), bridge.status("discovery-C"))
        bridge.adopted["lamp/s"] = nil
        bridge.restart()
        bridge.listens(bridge.connect())
        bridge.pass(.seconds(10))
        #expect(bridge.cause(user) == .logout)
        #expect(bridge.status("discovery-B") == before)
        #expect(bridge.status("discovery-C") == half)
    }

    @Test("A name goes to the device with the least identifier, whatever the order")
    func conflict() throws {
        var bridge = try Bridge.adopting("discovery")
        let other = lamp("z/s").replacing(#"["lamp"]"#, with: #"["z"]"#)
        bridge.learns("homeassistant/light/z/config", other)
        bridge.hears("z/s", "online")
        #expect(bridge.isOnline(user))
        // Another one has a better right to it, and is not there.
        bridge.learns(config, lamp())
        bridge.hears("lamp/s", "offline")
        bridge.pass(.seconds(10))
        #expect(!bridge.isOnline(user))
        bridge.learns(config, "")
        bridge.pass(.seconds(10))
        #expect(bridge.isOnline(user))
    }

    @Test("What a turn learns is listened to by one order, and what it unlearns again by none")
    func gathering() throws {
        var bridge = try Bridge.adopting("discovery")
        func message(_ number: Int, isEmpty: Bool = false) -> Input {
            let text = isEmpty ? "" : lamp("l/\(number)", name: "L\(number)")
            let topic = "homeassistant/light/l\(number)/config"
            return .adoptedHeard(
                AdoptedMessage(topic: topic, payload: Array(text.utf8), isFound: false)
            )
        }
        let effects = bridge.send((1...5).map { message($0) } + [message(3, isEmpty: true)])
        #expect(effects.listened == ["l/1", "l/2", "l/4", "l/5"])
        let orders = effects.count {
            if case .listen = $0 { true } else { false }
        }
        #expect(orders == 1)
        let again = bridge.send([message(1, isEmpty: true), message(1)])
        #expect(again.listened == ["l/1"] && again.stopped == [])
    }

    @Test("A topic on which nothing is ever retained says nothing by being empty")
    func unretained() throws {
        var bridge = try Bridge.adopting("discovery")
        bridge.learns(config, lamp())
        bridge.hears("lamp/s", "online", retained: false)
        bridge.reconnect()
        bridge.pass(.seconds(60))
        #expect(bridge.isOnline(user))
    }

    @Test("A broker that was killed keeps old words: they prove nothing until the thing speaks")
    func brokerRestart() throws {
        var bridge = try Bridge.adopting("discovery") { $0.brokerRestartGrace = .seconds(60) }
        bridge.learns(config, lamp())
        bridge.hears("lamp/s", "online")
        bridge.ownState = nil
        bridge.restartBroker()
        bridge.uptime()
        #expect(bridge.isOnline(user))
        bridge.pass(.seconds(120))
        #expect(bridge.cause(user) == .restart)
        bridge.hears("lamp/s", "online")
        #expect(bridge.isOnline(user))
    }

    @Test("A broker that comes back with nothing takes nobody away who is back in time")
    func emptiedBroker() throws {
        var bridge = try Bridge.adopting("discovery") { $0.brokerRestartGrace = .seconds(60) }
        bridge.learns(config, lamp())
        bridge.hears("lamp/s", "online")
        (bridge.ownState, bridge.adopted) = (nil, [:])
        bridge.restartBroker()
        bridge.uptime()
        bridge.pass(.seconds(30))
        #expect(bridge.isOnline(user))
        bridge.learns(config, lamp())
        bridge.hears("lamp/s", "online")
        bridge.pass(.seconds(120))
        #expect(bridge.isOnline(user))
        #expect(bridge.status(user)?.cause == nil)
    }

    @Test("A word that nobody knows leaves the one that spoke last the last")
    func unknownWord() throws {
        var bridge = try Bridge.adopting("discovery")
        let two = #"{"avty":[{"t":"a"},{"t":"b"}],"dev":{"ids":["l"],"name":"Lamp"}}"#
        bridge.learns(config, two)
        bridge.hears("a", "offline")
        bridge.hears("b", "online")
        bridge.hears("a", "perhaps")
        // What is found again lets each device count anew as what is known of it.
        bridge.learns(config, two)
        bridge.pass(.seconds(10))
        #expect(bridge.isOnline(user))
    }

    @Test("A device that is called otherwise now is another user; two of one name are told apart")
    func renaming() throws {
        var bridge = try Bridge.adopting("discovery")
        bridge.learns(config, lamp())
        bridge.hears("lamp/s", "online")
        bridge.learns(config, lamp().replacing(#""name":"Lamp""#, with: #""name":"Light""#))
        #expect(bridge.isOnline("discovery-Light"))
        bridge.pass(.seconds(10))
        #expect(bridge.cause(user) == .logout)
        let other = lamp("c/s").replacing(#"["lamp"]"#, with: #"["z"]"#).replacing(
            "Lamp",
            with: "Light"
        )
        let effects = bridge.learns("homeassistant/light/c/config", other)
        #expect(effects.lines.contains { $0.contains("user={kind}-{id}") })
        bridge.hears("c/s", "offline")
        bridge.pass(.seconds(10))
        #expect(bridge.isOnline("discovery-Light"))
        var both = try Bridge.adopting("discovery user=ha-{id}")
        both.learns(config, lamp())
        both.learns("homeassistant/light/c/config", other.replacing("Light", with: "Lamp"))
        both.hears("c/s", "online")
        #expect(both.isOnline("ha-z"))
        #expect(!both.isOnline("ha-lamp"))
    }

    @Test("What cannot be taken is counted, and named once")
    func refusals() throws {
        var bridge = try Bridge.adopting("discovery")
        let template = #"{"avty_t":"s","avty_tpl":"{{ 1 }}"}"#
        #expect(
            bridge.learns(config, template).lines == [
                "adopt discovery: of \(config) this is left out: the template '{{ 1 }}' of s"
            ]
        )
        #expect(bridge.learns(config, template).lines == [])
        #expect(bridge.learns(config, "[1]").lines.count == 1)
        bridge.learns(config, lamp())
        #expect(bridge.hears("lamp/s", "perhaps").lines.count == 1)
        #expect(bridge.hears("lamp/s", "perhaps").lines == [])
        #expect(bridge.core.metrics.errors == 4)
        // What was known before a message that cannot be read stays.
        bridge.hears("lamp/s", "online")
        bridge.learns(config, "[1]")
        #expect(bridge.isOnline(user))
    }

    @Test("A message or a word that is found again is no news")
    func again() throws {
        var table = DiscoveredTable()
        let text = Array(#"{"avty_t":"s","dev":{"ids":["a"]}}"#.utf8)
        guard
            case .devices(let devices, _) = DiscoveryMessage(
                text,
                levels: ["sensor", "x", "config"]
            )
        else { throw CancellationError() }
        let key = DeviceKey(Name(checked: "u"), Name(checked: "d"))
        let message = ExactText("homeassistant/sensor/x/config")
        #expect(!table.has(message, hash: 1))
        let outcome = table.describe(
            message,
            devices.map { ($0, key) },
            hash: 1,
            by: 0,
            qos: 0,
            reading: 1
        ) { _ in false }
        #expect(outcome.changed == [1])
        #expect(table.has(message, hash: 1))
        #expect(!table.has(message, hash: 2))
        for (word, isNews) in [("online", true), ("online", false), ("offline", true), ("", true)] {
            let heard = table.topics.hear(
                ExactText("s"),
                Payload(Array(word.utf8)),
                isFound: true,
                reading: 2
            )
            #expect(heard.isNews == isNews, "\(word)")
            #expect(heard.devices == [1])
        }
    }
}
