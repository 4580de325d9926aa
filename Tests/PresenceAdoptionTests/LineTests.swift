import Presence
import Testing

@testable import PresenceAdoption

@Suite("Adopt lines")
struct LineTests {
    @Test("A line that cannot be is refused, and says why")
    func refusals() {
        #expect(faults("") == ["has no kind; write 'adopt KIND' or 'adopt topic=PATTERN'"])
        #expect(faults("tasmotta") == ["0: unknown kind 'tasmotta'; did you mean 'tasmota'?"])
        #expect(faults("tasmota user") == ["'user' has no value; write 'user=VALUE'"])
        #expect(faults("tasmota ttl=1h ttl=2h") == ["'ttl' stands twice"])
        #expect(faults("tasmota usr=x") == ["0: unknown key 'usr'; did you mean 'user'?"])
        #expect(
            faults("zigbee2mqtt topic=a/{name}").first?.hasPrefix("0: unknown key 'topic'") == true
        )
        #expect(
            faults("tasmota user=things") == [
                "0: user 'things' and device 'tasmota' have no {name}: all things would be one device"
            ]
        )
        #expect(
            faults("tasmota user={nam}-x") == [
                "0: '{nam}-x' has {nam}, which its topic has not; it has {name}"
            ]
        )
        #expect(faults("topic=plant/press/alive") == ["0: topic 'plant/press/alive' has no {name}"])
        #expect(
            faults("topic=plant/{name}/a+b").first?.contains("neither a level nor {name}") == true
        )
        #expect(faults("tasmota ttl=1s") == ["0: ttl '1s' is no duration of 5s to 30d"])
        #expect(faults("tasmota qos=2") == ["0: qos '2' is neither 0 nor 1"])
        #expect(faults("homie version=6") == ["0: version is 2, 3, 4 or 5"])
        #expect(faults("zigbee2mqtt on=x").first?.contains("has words of its own") == true)
        #expect(faults("topic=a/{name} on=x off=X") == ["0: the word 'x' has two meanings"])
    }

    @Test("What never says that it has gone needs a ttl")
    func ttl() {
        #expect(
            faults("owntracks") == [
                "0: owntracks says nothing when it goes; it needs a ttl, such as ttl=1h"
            ]
        )
        let never = "topic=ecowitt/{name}/availability on=online off="
        #expect(
            faults(never) == [
                "0: no word says that a thing has gone; that needs a ttl, such as ttl=1h"
            ]
        )
        #expect(faults("\(never) ttl=15m") == [])
        #expect(faults("owntracks ttl=2d") == [])
    }

    @Test("Filters that meet each other, or the bridge's own topics, are refused")
    func overlaps() {
        #expect(
            faults("esphome", "home-assistant") == [
                "1: 'homeassistant/status' overlaps '+/status' of 'adopt esphome'; topic= makes them differ"
            ]
        )
        #expect(faults("tasmota", "topic=tele/{name}/LWT").count == 1)
        #expect(
            faults("topic=presence/device/{name}/x") == [
                "0: 'presence/device/+/x' overlaps 'presence/device/+/#', which are the bridge's own topics"
            ]
        )
        #expect(!faults("topic={name...}/status").isEmpty)
        #expect(faults("topic={name}/device/+/x", topicPrefix: "app/presence") == [])
        #expect(faults("tasmota", "esphome", "mosquitto-bridge", "emqx") == [])
    }

    @Test("Filters that one of the same line covers are left out")
    func filters() throws {
        #expect(try Plan("tasmota").filters == ["tele/+/LWT", "tele/+/DEEPSLEEP"])
        #expect(try Plan("tasmota alive=tele/{name}/#").filters == ["tele/+/#"])
        #expect(
            try Plan("zwave-js-ui").filters == [
                "zwave/+/status", "zwave/+/+/status", "zwave/+/+/+/status",
                "zwave/+/+/+/+/status",
            ]
        )
        let alive = try Plan("tasmota alive=tele/{name}/#")
        #expect(alive.says("tele/plug/STATE", "{}") == "tasmota-plug/tasmota alive")
        #expect(alive.says("tele/plug/LWT", "Online") == "tasmota-plug/tasmota online")
    }

    @Test("Two filters overlap if any topic matches both")
    func overlapping() {
        let pairs: [(String, String, Bool)] = [
            ("a/b", "a/b", true), ("a/+", "+/b", true), ("a/#", "a", true), ("#", "a/b/c", true),
            ("a/+", "a/b/c", false), ("+/status", "a/b/status", false), ("a/+/c", "a/b/d", false),
            ("+/broker", "$SYS/broker", false), ("#", "$SYS/a", false), ("$SYS/#", "$SYS/a", true),
            ("a/+/#", "a", false), ("a/+/#", "a/b", true), ("/devices/+", "+/devices/x", true),
        ]
        for (one, two, expected) in pairs {
            #expect(TopicFilter(one).overlaps(TopicFilter(two)) == expected, "\(one) \(two)")
            #expect(TopicFilter(two).overlaps(TopicFilter(one)) == expected, "\(two) \(one)")
        }
    }

    @Test("A topic of another form is nobody's")
    func otherTopics() throws {
        let plan = try Plan("tasmota", "zigbee2mqtt")
        for topic in [
            "tele/plug", "tele/plug/LWT/x", "tele/LWT", "stat/plug/LWT", "", "/", "tele//STATE",
            "zigbee2mqtt/a/b/c/d/e/availability", String(repeating: "a/", count: 200),
        ] {
            #expect(plan.says(topic, "Online") == nil, "\(topic)")
        }
    }
}

@Suite("The names of adopted things")
struct AdoptedNameTests {
    @Test("A name that is none is written with a hyphen for each character, and is unique")
    func names() throws {
        let plan = try Plan("zigbee2mqtt")
        func user(_ name: String) -> String? {
            plan.says("zigbee2mqtt/\(name)/availability", "online")?.split(separator: "/").first
                .map(String.init)
        }
        #expect(user("lamp") == "zigbee2mqtt-lamp")
        #expect(user("Küche") == "zigbee2mqtt-Küche")
        let (slash, hyphen) = (user("hall/lamp"), user("hall-lamp"))
        #expect(hyphen == "zigbee2mqtt-hall-lamp")
        #expect(slash?.wholeMatch(of: /zigbee2mqtt-hall-lamp-[0-9a-f]{8}/) != nil)
        #expect(slash == user("hall/lamp"))
        #expect(user("a\u{7}b")?.hasPrefix("zigbee2mqtt-a-b-") == true)
    }

    @Test("A name that is too long is cut, and one that is nothing is named by its hash")
    func lengths() throws {
        let plan = try Plan("topic=x/{name}/status user={name} device={name}")
        for name in [
            "", "$a", "$\u{301}a", String(repeating: "ä", count: 200),
            String(repeating: "a", count: 65),
        ] {
            let heard = try #require(plan.plan.hear("x/\(name)/status", Array("online".utf8)))
            let (user, device, isOther) = plan.plan.names(of: heard)
            #expect(isOther)
            #expect(Name(user: user.text) != nil, "\(user)")
            #expect(Name(device: device.text) != nil, "\(device)")
        }
    }

    @Test(
        "A name with a hash is claimed, wherever the pattern has text",
        arguments: ["{name}-lamp", "home/{name}"]
    )
    func claimsWithHash(_ user: String) throws {
        let plan = try Plan("zigbee2mqtt user=\(user)").plan
        for lamp in ["hall", "hall/left"] {
            let heard = try #require(plan.hear("zigbee2mqtt/\(lamp)/availability", []))
            let names = plan.names(of: heard)
            #expect(plan.claims(names.0, names.1), "\(names.0.text)")
        }
    }

    @Test(
        "A name of which the end was cut off is claimed, whatever text stands there",
        arguments: ["{name}-lamp", "home-{name}", "home-{name}-lamp"]
    )
    func claimsCut(_ pattern: String) throws {
        let plan = try Plan("topic=x/{name}/s user=\(pattern) device=\(pattern)").plan
        for name in [
            String(repeating: "a", count: 120), String(repeating: "€", count: 60),
            "e" + String(repeating: "\u{301}", count: 200),
        ] {
            let heard = try #require(plan.hear("x/\(name)/s", []))
            let names = plan.names(of: heard)
            #expect(plan.claims(names.0, names.1), "\(names.0.text)")
        }
        // One that is short was not cut, and another one's does not begin as the pattern does.
        let long = Name(checked: String(repeating: "b", count: 119) + "-1a2b3c4d")
        let device = Name(checked: String(repeating: "b", count: 55) + "-1a2b3c4d")
        #expect(plan.claims(long, device) == pattern.hasPrefix("{"))
        #expect(!plan.claims(Name(checked: "bbb-1a2b3c4d"), device))
    }

    @Test("What a line's patterns can name is claimed, and nothing else")
    func claims() throws {
        let plan = try Plan("tasmota", "topic=x/{name}/a user=things device={name}-box", "frigate")
            .plan
        func claims(_ user: String, _ device: String) -> Bool {
            plan.claims(Name(checked: user), Name(checked: device))
        }
        #expect(claims("tasmota-plug", "tasmota"))
        #expect(claims("things", "a-box"))
        #expect(claims("frigate", "frigate"))
        #expect(claims("tasmota-\u{301}x", "tasmota"))
        #expect(!claims("tasmota-plug", "phone"))
        #expect(!claims("things", "-box"))
        #expect(!claims("tasmota-", "tasmota"))
        #expect(!claims("alice", "tasmota"))
        #expect(!claims("things", "-box-x"))
        #expect(!claims("frigate-2", "frigate"))
    }
}
