import Presence
import Testing

@Suite("Topics")
struct TopicsTests {
    private let alice = Name(checked: "alice")
    private let phone = Name(checked: "phone")

    @Test("Every topic lies below the prefix", arguments: ["presence", "a/b/c"])
    func topics(_ prefix: String) {
        let topics = Topics(prefix: prefix)
        #expect(topics.device(alice, phone) == "\(prefix)/device/alice/phone")
        #expect(topics.status(alice) == "\(prefix)/status/alice")
        #expect(topics.response(alice, phone) == "\(prefix)/response/alice/phone")
        #expect(topics.event(alice) == "\(prefix)/event/alice")
        #expect(topics.bridge("b1") == "\(prefix)/bridge/b1")
        #expect(topics.metric("b1", "users") == "\(prefix)/bridge/b1/metrics/users")
        #expect(topics.everyDevice == "\(prefix)/device/+/+")
        #expect(topics.devices(of: alice) == "\(prefix)/device/alice/+")
        #expect(topics.everyStatus == "\(prefix)/status/+")
        #expect(topics.everyRequest == "\(prefix)/request/+/+/+")
    }

    @Test("What is received is understood", arguments: ["presence", "a/b/c"])
    func meanings(_ prefix: String) {
        let topics = Topics(prefix: prefix)
        #expect(
            topics.meaning(of: "\(prefix)/device/alice/phone")
                == .device(user: alice, device: phone)
        )
        #expect(topics.meaning(of: "\(prefix)/status/alice") == .status(user: alice))
        #expect(
            topics.meaning(of: "\(prefix)/request/alice/phone/get")
                == .request(user: alice, device: phone, operation: "get")
        )
        #expect(
            topics.meaning(of: "\(prefix)/request/alice/phone/")
                == .request(user: alice, device: phone, operation: "")
        )
    }

    @Test(
        "A topic with a name that nobody can have is told apart",
        arguments: [
            "device//phone", "device/alice/", "device/$x/phone", "device/a\u{85}/phone",
            "status/", "status/$x", "request//phone/get", "request/alice//get",
        ]
    )
    func misnamed(_ rest: String) {
        #expect(Topics().meaning(of: "presence/" + rest) == .misnamed)
    }

    @Test(
        "Other topics mean nothing",
        arguments: [
            "", "presence", "presence/", "presence/device", "presence/device/alice",
            "presence/device/alice/phone/x", "presence/device/a/b/c/d/e", "presence/status",
            "presence/status/alice/x", "presence/request/alice/phone",
            "presence/request/alice/phone/get/x", "presence/event/alice", "presence/bridge/b",
            "presences/status/alice", "/presence/status/alice", "other/presence/status/alice",
        ]
    )
    func meaningless(_ topic: String) {
        #expect(Topics().meaning(of: topic) == nil)
    }

    @Test("A long name is nobody's")
    func longNames() {
        let long = String(repeating: "a", count: 65)
        #expect(Topics().meaning(of: "presence/device/\(long)/\(long)") == .misnamed)
        #expect(
            Topics().meaning(of: "presence/device/\(long)/d")
                == .device(user: Name(checked: long), device: Name(checked: "d"))
        )
    }

    @Test(
        "An answer may go to the device's own response topic and below it",
        arguments: ["p", "a/b"]
    )
    func permitted(_ prefix: String) {
        let topics = Topics(prefix: prefix)
        let own = "\(prefix)/response/alice/phone"
        let deepest = own + String(repeating: "/", count: 201 - own.split(separator: "/").count - 1)
        for topic in [
            own, own + "/1", own + "/a/b/c", own + "/", own + "/\u{A0}\u{FFFD}\u{1F600}", deepest,
        ] {
            #expect(topics.permitsResponse(to: topic, user: alice, device: phone), "\(topic)")
        }
        for topic in [
            deepest + "/", "", prefix, "\(prefix)/response/alice", "\(prefix)/response/alice/phon",
            own + "x", own + "2/1", "\(prefix)/response/alice/tablet",
            "\(prefix)/response/bob/phone", "x/" + own, own + "/+", own + "/#", own + "/a\u{1}",
            own + "/" + String(repeating: "x", count: 65_536), own + "/\u{7F}", own + "/\u{85}",
            own + "/" + String(Unicode.Scalar(0xFDD0 as UInt16).map(Character.init) ?? "+"),
            own + "/\u{FFFE}", own + "/\u{1F}", own + "/\0",
            own + "/\u{10FFFF}", own + String(repeating: "/", count: 200),
        ] {
            #expect(!topics.permitsResponse(to: topic, user: alice, device: phone), "\(topic)")
        }
    }
}
