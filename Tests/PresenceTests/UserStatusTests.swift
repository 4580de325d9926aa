import Presence
import Testing

@Suite("A user's status on the wire")
struct UserStatusTests {
    private let alice = Name(checked: "alice")

    private func device(_ name: String, _ word: String) -> DeviceStatus {
        DeviceStatus(name: Name(checked: name), status: StatusWord(checked: word))
    }

    private func text(_ status: UserStatus) -> String {
        String(decoding: status.payload, as: UTF8.self)
    }

    private var online: UserStatus {
        UserStatus(
            username: alice,
            description: "back at 5",
            devices: [device("phone", "away"), device("web", "online")],
            since: 1_700_000_000,
            updated: 1_700_000_500,
            seq: 1_700_000_500_123
        )
    }

    @Test("The keys stand in the protocol's order")
    func exact() {
        #expect(
            text(online)
                == #"{"username":"alice","online":true,"status":"online","description":"back at 5","#
                + #""devices":{"phone":"away","web":"online"},"cause":null,"since":1700000000,"#
                + #""updated":1700000500,"seq":1700000500123}"#
        )
    }

    @Test("A user who was never seen has nulls and the number 0")
    func neverSeen() {
        #expect(
            text(UserStatus(username: alice))
                == #"{"username":"alice","online":false,"status":"offline","description":"","#
                + #""devices":{},"cause":null,"since":null,"updated":null,"seq":0}"#
        )
    }

    @Test("The end of a subscription stands last")
    func expires() {
        var json = JSONWriter()
        online.write(to: &json, expires: 7)
        let text = String(decoding: json.bytes, as: UTF8.self)
        #expect(text.hasSuffix(#""seq":1700000500123,"expires":7}"#))
    }

    @Test(
        "The device that ranks first speaks; of equals the one whose name sorts first",
        arguments: [
            (["away", "online"], "online"), (["online", "busy"], "busy"),
            (["dnd", "busy"], "dnd"), (["coffee", "online"], "coffee"),
            (["idle", "away"], "idle"), (["xa", "sleeping", "tea"], "tea"), ([], "offline"),
        ]
    )
    func ranks(_ words: [String], _ wanted: String) {
        var status = UserStatus(username: alice)
        for (index, word) in words.enumerated() {
            status.devices.append(device("d\(index)", word))
        }
        #expect(status.status.text == wanted)
    }

    @Test("What is retained reads back as it was", arguments: Cause.allCases)
    func readsBack(_ cause: Cause) {
        #expect(UserStatus(reading: online.payload, of: alice) == online)
        let offline = UserStatus(
            username: alice,
            description: "\"\\\u{1}é",
            cause: cause,
            since: 1,
            updated: 2,
            seq: 3
        )
        #expect(UserStatus(reading: offline.payload, of: alice) == offline)
    }

    @Test(
        "What is no status of that user is not read",
        arguments: [
            "", "offline", "[]", "{}",
            #"{"username":"bob","description":"","devices":{},"seq":1,"updated":1}"#,
            #"{"username":"alice","description":"","devices":{},"seq":0,"updated":1}"#,
            #"{"username":"alice","description":"","devices":{},"seq":"1","updated":1}"#,
            #"{"username":"alice","description":null,"devices":{},"seq":1,"updated":1}"#,
            #"{"username":"alice","description":"","devices":[],"seq":1,"updated":1}"#,
            #"{"username":"alice","description":"","devices":{"a/b":"online"},"seq":1,"updated":1}"#,
            #"{"username":"alice","description":"","devices":{"a":"lost"},"seq":1,"updated":1}"#,
            #"{"username":"alice","description":"","devices":{"a":1},"seq":1,"updated":1}"#,
            // What would overflow a reckoning, or what the store takes.
            #"{"username":"alice","description":"","devices":{},"seq":9223372036854775807,"updated":1}"#,
            #"{"username":"alice","description":"","devices":{},"seq":1,"updated":999999999999}"#,
            #"{"username":"alice","description":"","devices":{},"seq":1,"updated":1,"since":-1}"#,
            #"{"username":"alice","description":"","devices":{},"seq":9007199254740992,"updated":1}"#,
            // What no bridge writes.
            #"{"username":"alice","description":"","devices":{},"seq":1}"#,
            #"{"username":"alice","description":"","devices":{},"seq":1,"updated":1,"since":2,"cause":"ttl"}"#,
            #"{"username":"alice","description":"","devices":{},"seq":1,"updated":1,"since":1}"#,
            #"{"username":"alice","description":"","devices":{},"seq":1,"updated":1,"cause":"ttl"}"#,
            #"{"username":"alice","description":"","devices":{"a":"b"},"seq":1,"updated":1}"#,
            #"{"username":"alice","description":"","devices":{"a":"b"},"seq":1,"updated":1,"since":1,"cause":"ttl"}"#,
        ]
    )
    func unreadable(_ text: String) {
        #expect(UserStatus(reading: Array(text.utf8), of: alice) == nil)
    }

    @Test("Devices are sorted, however they were written")
    func sorted() {
        let text = """
            {"username":"alice","description":"","devices":{"b":"x","a":"y"},\
            "since":1,"updated":1,"seq":4503599627370496}
            """
        let status = UserStatus(reading: Array(text.utf8), of: alice)
        #expect(status?.devices.map(\.name.text) == ["a", "b"])
    }
}
