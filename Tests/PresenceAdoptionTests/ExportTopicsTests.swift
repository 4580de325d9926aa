import Presence
import PresenceAdoption
import Testing

@Suite("How users are described to Home Assistant")
struct ExportTopicsTests {
    private func topics(_ prefix: String = "presence") -> ExportTopics {
        ExportTopics(prefix: "homeassistant", Topics(prefix: prefix), bridgeID: "presence-bridge")
    }

    /// What Home Assistant takes as a node or an object: `[a-zA-Z0-9_-]+`.
    private func isTaken(_ topic: String) -> Bool {
        topic.wholeMatch(of: /homeassistant\/device\/[a-zA-Z0-9_-]+\/[a-zA-Z0-9_-]+\/config/) != nil
    }

    @Test("Each user has a topic that Home Assistant takes, and no two have the same")
    func names() {
        let users = [
            "alice", "a_b", "a b", "a.b", "_61", "a", "ä", "a\u{308}", "日本", "a@b.org", "A",
            String(repeating: "é", count: 64),
        ]
        var seen: Set<String> = []
        for user in users {
            let name = Name(checked: user)
            let topic = topics().config(of: name)
            #expect(isTaken(topic), "\(topic)")
            #expect(topics().user(of: topic) == name, "\(topic)")
            #expect(seen.insert(topic).inserted, "\(topic)")
        }
        #expect(
            topics().config(of: Name(checked: "alice"))
                == "homeassistant/device/presence/alice/config"
        )
        #expect(topics("app/x").every == "homeassistant/device/app_2fx/+/config")
    }

    @Test("A topic that is none of these is nobody's")
    func others() {
        for topic in [
            "homeassistant/device/presence/a_/config", "homeassistant/device/presence/_zz/config",
            "homeassistant/device/presence/_61/config", "homeassistant/device/presence/a/b/config",
            "homeassistant/device/presence/_2f/config", "homeassistant/device/presence//config",
            "homeassistant/device/presence/a.b/config", "homeassistant/device/other/a/config",
            "homeassistant/device/presence/a", "x", "", "homeassistant/device/presence/_ff/config",
        ] {
            #expect(topics().user(of: topic) == nil, "\(topic)")
        }
    }

    @Test(
        "The message has what the schema of Home Assistant wants, and nothing that it does not know"
    )
    func schema() throws {
        for user in ["alice", #"a "quoted" \ name"#, "日本"] {
            let payload = topics().payload(of: Name(checked: user))
            #expect(ExportTopics.isOwn(payload))
            let message = try JSONValue(parsing: payload)
            #expect(DiscoverySchema.faults(of: message) == [])
        }
        #expect(!ExportTopics.isOwn(Array("{}".utf8)))
        #expect(!ExportTopics.isOwn([]))
    }

    @Test("What the bridge has written is adopted by nobody")
    func own() {
        let payload = topics().payload(of: Name(checked: "alice"))
        let levels = "device/presence/alice/config".split(separator: "/")
        #expect(DiscoveryMessage(payload, levels: levels) == .devices([], leftOut: []))
    }

    @Test("A line that cannot be is refused, and says why")
    func lines() {
        func fault(_ text: String) -> String? {
            do throws(AdoptionFault) {
                _ = try ExportPlan(text, topicPrefix: "presence")
                return nil
            } catch { return error.reason }
        }
        #expect(fault("home-assistant") == nil)
        #expect(fault("home-assistant prefix=ha/x users=alice,bob") == nil)
        #expect(fault("") == "has no kind; write 'adopt KIND' or 'adopt topic=PATTERN'")
        #expect(fault("prefix=x") == "has no kind; write 'export home-assistant'")
        #expect(
            fault("home-asistant") == "unknown kind 'home-asistant'; did you mean 'home-assistant'?"
        )
        #expect(fault("home-assistant user=x") == "unknown key 'user'; did you mean 'users'?")
        #expect(fault("home-assistant prefix=a/+")?.hasSuffix("has a wildcard") == true)
        #expect(fault("home-assistant prefix=presence/x")?.contains("own topics") == true)
        #expect(fault("home-assistant users=,") == "users names nobody")
        #expect(fault("home-assistant users=a/b") == "users has 'a/b', which is no user name")
    }
}
