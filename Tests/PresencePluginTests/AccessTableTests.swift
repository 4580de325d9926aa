import Presence
import PresencePluginCore
import Testing

@Suite("The table of rights")
struct AccessTableTests {
    @Test("A user writes what its devices state and ask, and nothing else of the service's")
    func writing() {
        for topic in ["device/bob/phone", "device/bob/", "request/bob/phone/get"] {
            #expect(judge(.write, "presence/\(topic)") == .allowed, "\(topic)")
        }
        for topic in [
            "device/alice/phone", "device/bob", "device/bob/a/b", "device/bobby/phone",
            "device/bo/phone", "request/alice/phone/get", "request/bob/get",
            "request/bob/a/b/c", "status/bob", "response/bob/phone", "event/bob",
            "bridge/presence-bridge", "bridge/x/metrics/y", "bob", "", "device", "x/bob/phone",
        ] {
            #expect(judge(.write, "presence/\(topic)") == .denied, "\(topic)")
        }
        #expect(judge(.write, "presence") == .denied)
    }

    @Test("A user reads its answers, its events, its status and the bridge, and nothing else")
    func reading() {
        for topic in [
            "response/bob", "response/bob/phone", "response/bob/phone/x/y", "event/bob",
            "status/bob", "bridge/presence-bridge",
        ] {
            #expect(judge(.read, "presence/\(topic)") == .allowed, "\(topic)")
        }
        for topic in [
            "response/alice/phone", "response", "event/alice", "event/bob/x", "event",
            "status/alice", "status/bob/x", "device/bob/phone", "request/bob/phone/get",
            "bridge", "bridge/x/metrics/y", "bridge/x/plugin",
        ] {
            #expect(judge(.read, "presence/\(topic)") == .denied, "\(topic)")
        }
    }

    @Test("A filter is allowed if something that may be read can match it")
    func subscribing() {
        for filter in [
            "#", "+/#", "+/+", "+/bob", "+/+/+", "response/bob/#", "response/+/phone",
            "response/bob/phone", "event/bob", "event/+", "event/#", "event/bob/#", "status/bob",
            "status/+", "bridge/+", "bridge/x", "bridge/#", "+/alice",
        ] {
            #expect(judge(.subscribe, "presence/\(filter)") == .allowed, "\(filter)")
        }
        for filter in [
            "device/+/+", "device/bob/phone", "device/#", "request/#", "response/alice/#",
            "event/alice", "event/alice/#", "status/alice", "event/bob/x", "bridge/x/metrics/#",
            "event", "+", "+/alice/phone", "",
        ] {
            #expect(judge(.subscribe, "presence/\(filter)") == .denied, "\(filter)")
        }
        #expect(judge(.subscribe, "$share/g/presence/event/bob") == .allowed)
        #expect(judge(.subscribe, "$share/g/presence/event/alice") == .denied)
        let nested = String(repeating: "$share/g/", count: 7_000)
        for filter in ["$share", "$share/g", "$share/g/", nested, nested + "presence/event/bob"] {
            #expect(judge(.subscribe, filter) == .other)
        }
        #expect(judge(.subscribe, "#") == .other)
        #expect(judge(.unsubscribe, "presence/event/alice") == .allowed)
    }

    @Test("Statuses are read by whom the option says")
    func statuses() {
        for (readers, own, others) in [
            (PluginOptions.StatusReaders.everyone, Access.Verdict.allowed, Access.Verdict.allowed),
            (.own, .allowed, .denied),
            (.none, .denied, .denied),
        ] {
            for act in [Access.Act.read, .subscribe] {
                for (user, verdict) in [("bob", own), ("alice", others)] {
                    let found = judge(act, "presence/status/\(user)") { $0.statusReaders = readers }
                    #expect(found == verdict, "\(readers), \(act), \(user)")
                }
            }
        }
    }

    @Test("The bridge may do everything below the prefix, and read two of the broker's figures")
    func bridge() {
        for act in [Access.Act.read, .write, .subscribe, .unsubscribe] {
            for topic in ["presence", "presence/#", "presence/event/bob", "presence/x/y/z"] {
                #expect(judge(act, topic, by: "bridge") == .allowed)
            }
        }
        #expect(judge(.read, "$SYS/broker/uptime", by: "bridge") == .allowed)
        #expect(judge(.subscribe, "$SYS/broker/publish/messages/dropped", by: "bridge") == .allowed)
        #expect(judge(.read, "$SYS/broker/version", by: "bridge") == .other)
        #expect(judge(.write, "$SYS/broker/uptime", by: "bridge") == .other)
    }

    @Test("A monitor reads everything, and writes as a user")
    func monitor() {
        for topic in ["presence/request/bob/phone/get", "presence/x", "$SYS/broker/version"] {
            #expect(judge(.read, topic, by: "monitor") == .allowed)
            #expect(judge(.subscribe, topic, by: "monitor") == .allowed)
            #expect(judge(.write, topic, by: "monitor") != .allowed)
        }
        #expect(judge(.write, "presence/device/monitor/x", by: "monitor") == .allowed)
    }

    @Test("Only the bridge may speak to the plugin, and nobody listens in")
    func control() {
        #expect(judge(.write, ControlMessage.topic, by: "bridge") == .allowed)
        for user in ["bob", "monitor", ""] {
            #expect(judge(.write, ControlMessage.topic, by: user) == .denied)
            #expect(judge(.subscribe, ControlMessage.topic, by: user) == .denied)
        }
        #expect(judge(.write, "$CONTROL/dynamic-security/v1") == .other)
    }

    @Test("Who has no login has no rights, and a login with a slash none of another's")
    func strangers() {
        for user in ["", "bob/phone", "bo", "bobb", "bob\u{301}"] {
            for topic in ["presence/device/bob/phone", "presence/request/bob/phone/get"] {
                #expect(judge(.write, topic, by: user) == .denied, "\(user)")
            }
            #expect(judge(.read, "presence/event/bob", by: user) == .denied, "\(user)")
        }
        #expect(judge(.read, "presence/bridge/x", by: "") == .denied)
        #expect(judge(.write, "presence/device//phone", by: "") == .denied)
    }

    @Test("A login that is no name of a user has no rights at all, whatever it looks like")
    func namelessLogins() {
        for login in [
            "bob/x", "/", "+", "#", "$bob", "a\u{1}b", "a\u{7F}", "a\u{85}", "a#", "",
            String(repeating: "x", count: 129), String(repeating: "x", count: 128), "\u{C2}\u{A0}",
        ] {
            let isName = Name(user: login) != nil
            for (act, topic) in [
                (Access.Act.read, "bridge/presence-bridge"), (.subscribe, "bridge/+"),
                (.subscribe, "#"), (.read, "event/\(login)"), (.write, "device/\(login)/phone"),
            ] {
                let verdict = judge(act, "presence/\(topic)", by: login)
                #expect(verdict == (isName ? .allowed : .denied), "\(login) \(topic)")
            }
            #expect(judge(.unsubscribe, "presence/x", by: login) == .allowed)
        }
    }

    @Test("What is not below the prefix is none of the plugin's")
    func other() {
        for topic in [
            "", "a", "presences/device/bob/phone", "presenc", "Presence/x", "/presence/x",
        ] {
            #expect(judge(.write, topic) == .other, "\(topic)")
        }
        #expect(judge(.write, "a/b/device/bob/x") { $0.topicPrefix = "a/b" } == .allowed)
        #expect(judge(.write, "a/b") { $0.topicPrefix = "a/b" } == .denied)
        #expect(judge(.write, "a") { $0.topicPrefix = "a/b" } == .other)
    }

    private func judge(
        _ act: Access.Act,
        _ topic: String,
        by user: String = "bob",
        _ change: (inout PluginOptions) -> Void = { _ in }
    ) -> Access.Verdict {
        var options = PluginOptions()
        options.bridgeUsers = ["bridge"]
        options.monitorUsers = ["monitor"]
        change(&options)
        let (topic, user) = (Array(topic.utf8), Array(user.utf8))
        return Access(options).judge(act, topic.span, by: user.span)
    }
}
