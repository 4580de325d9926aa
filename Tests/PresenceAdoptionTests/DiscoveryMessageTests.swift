import Presence
import PresenceAdoption
import Testing

@Suite("Home Assistant's discovery messages")
struct DiscoveryMessageTests {
    private func read(_ text: String, _ place: String = "sensor/x/config") -> DiscoveryMessage {
        DiscoveryMessage(Array(text.utf8), levels: place.split(separator: "/"))
    }

    /// The devices as text, one a line: `id name: mode topic topic; mode topic`.
    private func devices(_ text: String, _ place: String = "sensor/x/config") -> [String] {
        guard case .devices(let devices, _) = read(text, place) else {
            return ["\(read(text, place))"]
        }
        return devices.map { device in
            let parts = device.availabilities.map { what in
                ([what.mode.rawValue] + what.sources.map(\.topic)).joined(separator: " ")
            }
            return "\(device.id) \(device.name): \(parts.joined(separator: "; "))"
        }
    }

    private func leftOut(_ text: String, _ place: String = "sensor/x/config") -> [String] {
        guard case .devices(_, let words) = read(text, place) else {
            return ["\(read(text, place))"]
        }
        return words
    }

    private func word(_ text: String, says payload: String) -> Bool? {
        guard case .devices(let devices, _) = read(text) else { return nil }
        return devices.first?.availabilities.first?.sources.first?.read(
            Payload(Array(payload.utf8))
        )
    }

    @Test("Long and short names are the same, and the short one counts where both stand")
    func names() {
        let device = #""device":{"identifiers":["a1"],"name":"Lamp"}"#
        for text in [
            #"{"availability_topic":"a/s",\#(device)}"#,
            #"{"avty_t":"a/s","availability_topic":"b/s","dev":{"ids":"a1","name":"Lamp"}}"#,
            #"{"availability":[{"topic":"a/s"}],\#(device)}"#,
            #"{"avty":{"t":"a/s"},\#(device)}"#,
            #"{"~":"a","avty_t":"~/s",\#(device)}"#,
            #"{"~":"s","avty":[{"t":"a/~"}],\#(device)}"#,
        ] {
            #expect(devices(text) == ["a1 Lamp: latest a/s"], "\(text)")
        }
    }

    @Test(
        "A device is known by its first identifier, else its connection, else where the message stands"
    )
    func identity() {
        #expect(devices(#"{"avty_t":"s","dev":{"ids":["b","a"]}}"#) == ["b b: latest s"])
        #expect(devices(#"{"avty_t":"s","dev":{"ids":[7]}}"#) == ["7 7: latest s"])
        #expect(
            devices(#"{"avty_t":"s","dev":{"cns":[["mac","02:5b"]],"name":"Gate"}}"#)
                == ["mac-02:5b Gate: latest s"]
        )
        #expect(
            devices(#"{"avty_t":"s"}"#, "light/node/x/config") == [
                "light/node/x light/node/x: latest s"
            ]
        )
    }

    @Test("What says nothing of availability is no device, and neither is what has none")
    func nothing() {
        #expect(devices(#"{"state_topic":"x","dev":{"ids":["a"]}}"#) == [])
        #expect(devices(#"{"avty_t":"s","topic":"x"}"#, "tag/x/config") == [])
        #expect(devices(#"{"avty_t":"s"}"#, "device_automation/a/x/config") == [])
        #expect(read("") == .removed)
    }

    @Test("Words, modes and templates of the form value_json")
    func words() {
        let words = #"{"avty_t":"s","pl_avail":"UP","pl_not_avail":"DOWN"}"#
        #expect(word(words, says: "UP") == true)
        #expect(word(words, says: "DOWN") == false)
        #expect(word(words, says: "online") == nil)
        #expect(word(#"{"avty_t":"s"}"#, says: "offline") == false)
        #expect(word(#"{"avty_t":"s","pl_avail":1,"pl_not_avail":0}"#, says: "1") == true)
        for template in [
            "{{ value_json.a.b }}", "{{value_json.a.b}}", "{{ value_json['a'].b }}",
            #"{{ value_json[\"a\"][\"b\"] }}"#,
        ] {
            let text = #"{"avty":[{"t":"s","val_tpl":"\#(template)"}]}"#
            #expect(word(text, says: #"{"a":{"b":"online"}}"#) == true, "\(template)")
            #expect(word(text, says: #"{"a":{"b":"offline"}}"#) == false)
            #expect(word(text, says: #"{"a":1}"#) == nil)
        }
        #expect(word(#"{"avty_t":"s","avty_tpl":"{{ value }}"}"#, says: "online") == true)
        let mode = #"{"avty":[{"t":"s"},{"t":"u"}],"avty_mode":"all"}"#
        #expect(devices(mode) == ["sensor/x sensor/x: all s u"])
        #expect(
            leftOut(#"{"avty":[{"t":"s"},{"t":"u"}],"avty_mode":"both"}"#)
                == ["an availability_mode that is none of all, any and latest"]
        )
    }

    @Test("Another template is named and left out, and the other topics stay")
    func templates() {
        for template in [
            "{{ 'online' if value_json.value else 'offline' }}", "{{ value_json.a | lower }}",
            "{{ value_json }}", "{{ value_json. }}", "{{ value_json.1a }}", "{{ value_json['a }}",
            "{{", "}}", "{{}}", "", String(repeating: "{{ value_json.a }}", count: 4_000),
        ] {
            let text = #"{"avty":[{"t":"s","val_tpl":"\#(template)"},{"t":"u"}],"avty_mode":"all"}"#
            #expect(devices(text) == ["sensor/x sensor/x: latest u"], "\(template.prefix(60))")
            #expect(leftOut(text).count == 1)
        }
        let words = leftOut(#"{"avty_t":"s","avty_tpl":"{% if\n x %}"}"#)
        #expect(words == ["the template '{% if  x %}' of s"])
    }

    @Test(
        "A message of a device: what it says holds for each component that says nothing of its own"
    )
    func device() {
        let text = #"""
            {"dev":{"ids":["d"],"name":"Plant"},"o":{"name":"x"},"avty_t":"p/s","pl_avail":"1",
             "cmps":{"a":{"p":"sensor","unique_id":"a"},
                     "b":{"platform":"switch","unique_id":"b","availability_topic":"p/b"},
                     "c":{"p":"sensor","unique_id":"c"},
                     "gone":{"p":"sensor"},
                     "t":{"p":"tag","topic":"z"}},
             "cdevs":[{"ids":["child"],"name":"Pump","cmps":{"e":{"p":"sensor","unique_id":"e","~":"q","avty_t":"~/s"}}}]}
            """#
        #expect(
            devices(text, "device/x/config") == [
                "d Plant: latest p/s; latest p/b", "child Pump: latest q/s",
            ]
        )
        let both =
            #"{"dev":{"ids":["d"]},"avty":[{"t":"s"}],"cmps":{"a":{"p":"sensor","u":1,"avty_t":"u"}}}"#
        #expect(
            leftOut(both, "device/x/config") == [
                "availability and availability_topic in one entity"
            ]
        )
    }

    @Test("The base of a component holds for what it inherits, as in Home Assistant")
    func base() {
        // Home Assistant puts what is shared into each component first, and then replaces.
        let text = #"""
            {"dev":{"ids":["d"]},"avty":[{"t":"~/s"}],
             "cmps":{"a":{"p":"sensor","unique_id":"a","~":"x"},"b":{"p":"sensor","unique_id":"b","~":"y"}}}
            """#
        #expect(devices(text, "device/x/config") == ["d d: latest x/s; latest y/s"])
    }

    @Test("Topics that cannot be subscribed to alone are left out")
    func topics() {
        let long = String(repeating: "a", count: 1_025)
        let deep = Array(repeating: "a", count: 200).joined(separator: "/")
        for topic in [
            "", "a/+/b", "#", "a/#", "$share/g/a", "$SYS/broker/uptime", "$CONTROL/x", long, deep,
            #"a\u0000b"#,
        ] {
            #expect(devices(#"{"avty_t":"\#(topic)"}"#) == [], "\(topic.prefix(40))")
            #expect(leftOut(#"{"avty_t":"\#(topic)"}"#).count == 1)
        }
        #expect(leftOut(#"{"avty_t":["a"]}"#).count == 1)
        #expect(devices(#"{"avty_t":"$SYS/broker/connection/edge.main/state"}"#).count == 1)
    }

    @Test("What cannot be read is refused, whatever its length and depth")
    func refusals() {
        func isRefused(_ text: String, _ place: String = "sensor/x/config") -> Bool {
            if case .refused = read(text, place) { true } else { false }
        }
        #expect(isRefused("x"))
        #expect(isRefused("[]"))
        #expect(isRefused(#"{"avty_t":"s"}"#, "sensor/a b/config"))
        #expect(isRefused(#"{"avty_t":"s"}"#, "sensor/é/x/config"))
        #expect(isRefused(String(repeating: "{", count: 1 << 20)))
        #expect(isRefused(String(repeating: " ", count: (1 << 20) + 1)))
        #expect(
            isRefused(
                String(repeating: #"{"a":"#, count: 200) + "1" + String(repeating: "}", count: 200)
            )
        )
        let list = (1...17).map { #"{"t":"t/\#($0)"}"# }.joined(separator: ",")
        #expect(leftOut(#"{"avty":[\#(list)]}"#) == ["more than 16 topics for one entity"])
        let many = (1...10_000).map { #""c\#($0)":{"p":"sensor","u":1,"avty_t":"t/\#($0)"}"# }
        guard
            case .devices(let devices, _) = read(
                #"{"dev":{"ids":["d"]},"cmps":{\#(many.joined(separator: ","))}}"#,
                "device/x/config"
            )
        else { return #expect(Bool(false)) }
        #expect(devices.first?.availabilities.count == 256)
        #expect(devices.count == 1)
    }

    @Test("What the bridge has written itself is nothing to it")
    func own() {
        #expect(devices(#"{"avty_t":"s","o":{"name":"presence-bridge"}}"#) == [])
    }

    @Test("A line learns; what the messages say is no business of the line's")
    func line() throws {
        #expect(
            try Plan("discovery").filters == [
                "homeassistant/+/+/config", "homeassistant/+/+/+/config",
            ]
        )
        #expect(try Plan("discovery prefix=ha/disco").filters.first == "ha/disco/+/+/config")
        #expect(
            try Plan("discovery", "home-assistant", "esphome topic=esp/{name}/status").filters.count
                == 4
        )
        #expect(
            faults("discovery on=x") == [
                "0: discovery has words of its own; 'on' is for other topics"
            ]
        )
        #expect(
            faults("discovery alive=x/{name}") == [
                "0: discovery learns its topics; 'alive' is for other kinds"
            ]
        )
        #expect(
            faults("discovery source=x") == [
                "0: discovery learns its topics; 'source' is for other kinds"
            ]
        )
        #expect(
            faults("discovery user=x").first?.contains("all things would be one device") == true
        )
        #expect(faults("discovery user=ha-{id}") == [])
        #expect(faults("discovery user=ha-{object}").first?.contains("it has {name}, {id}") == true)
    }
}
