import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("Why a user is as it is")
struct ExplanationTests {
    private func ask(_ bridge: inout Bridge, _ user: String) -> JSONObject? {
        let effects = bridge.send(.asked(Question(number: 1, .explanation, about: user)))
        return answer(effects)
    }

    private func answer(_ effects: [Effect]) -> JSONObject? {
        for case .answer(1, .success(let bytes)) in effects {
            return (try? JSONValue(parsing: bytes))?.object
        }
        return nil
    }

    private func device(_ answer: JSONObject?, _ name: String) -> JSONObject? {
        answer?["devices"]?.array?.lazy.compactMap(\.object).first { $0["device"]?.string == name }
    }

    @Test("Of a user who was never seen there is nothing, and no name is kept for that")
    func unknown() throws {
        var bridge = Bridge.serving()
        let answer = try #require(ask(&bridge, "zoe"))
        #expect(answer["status"]?.object?["seq"]?.integer == 0)
        #expect(answer["devices"]?.array == [])
        #expect(answer["watchers"]?.integer == 0)
        #expect(answer["changes"] == .null)
        #expect(bridge.core.namesHeld == 0)
    }

    @Test("Each device has what it said, when, and what runs of it")
    func devices() throws {
        var bridge = Bridge.serving()
        bridge.says("bob/phone", #"{"status":"away","session":"s","ttl":60}"#)
        bridge.now = bridge.now.advanced(by: .seconds(10))
        bridge.says("bob/laptop", "online")
        bridge.says("bob/laptop", "lost")
        bridge.says("bob/old", "online")
        bridge.says("bob/old", "")
        bridge.says("alice/phone", "online")
        bridge.send(.asks("alice", "subscribe", #"{"usernames":["bob"]}"#))
        bridge.send(.asks("bob", "subscribe", #"{"usernames":["alice","carol"]}"#))
        let answer = try #require(ask(&bridge, "bob"))
        let phone = try #require(device(answer, "phone"))
        #expect(phone["shows"]?.string == "away")
        #expect(phone["heard"]?.integer == 1_700_000_000)
        #expect(phone["session"]?.string == "s")
        #expect(phone["ttl"]?.integer == 60)
        #expect(phone["ttlEnds"]?.integer == 1_700_000_060)
        #expect(phone["grace"] == .null)
        let laptop = try #require(device(answer, "laptop"))
        #expect(laptop["shows"]?.string == "online")
        #expect(laptop["says"]?.string == "lost")
        #expect(laptop["grace"]?.object?["cause"]?.string == "lost")
        #expect(laptop["grace"]?.object?["ends"]?.integer == 1_700_000_013)
        #expect(device(answer, "old")?["grace"]?.object?["cause"]?.string == "logout")
        #expect(answer["subscriptions"]?.integer == 2)
        #expect(answer["watchers"]?.integer == 1)
        #expect(answer["watchersOfEveryone"]?.integer == 0)
        bridge.pass(.seconds(60))
        let later = try #require(ask(&bridge, "bob"))
        #expect(device(later, "phone")?["shows"] == .null)
        #expect(device(later, "phone")?["says"]?.string == "lost")
        #expect(device(later, "phone")?["verdict"]?.string == "ttl")
        #expect(device(later, "old") == nil)
        // The next process finds it on the topic.
        bridge.restart()
        bridge.connect()
        let next = try #require(ask(&bridge, "bob"))
        #expect(device(next, "phone")?["verdict"]?.string == "ttl")
    }

    @Test("A device in doubt, and one that has not spoken since a restart of the broker")
    func doubts() throws {
        var bridge = Bridge.serving()
        bridge.says("bob/phone", #"{"status":"away","session":"a"}"#)
        bridge.topics[DeviceKey("bob/phone")] = Array(#"{"status":"lost","session":"b"}"#.utf8)
        bridge.reconnect()
        let asked = device(ask(&bridge, "bob"), "phone")?["doubt"]?.object
        #expect(asked?["reason"]?.string == "asked")
        #expect(asked?["ends"]?.integer == (bridge.now.unix + 60_999) / 1_000)
        bridge.says("bob/phone", #"{"status":"away","session":"a"}"#)
        #expect(device(ask(&bridge, "bob"), "phone")?["doubt"] == .null)
        bridge.says("bob/phone", #"{"status":"lost","session":"z"}"#)
        let contradicted = device(ask(&bridge, "bob"), "phone")?["doubt"]?.object
        #expect(contradicted?["reason"]?.string == "contradicted")
        bridge.restartBroker(after: .seconds(1))
        let suspect = device(ask(&bridge, "bob"), "phone")?["doubt"]?.object
        #expect(suspect?["reason"]?.string == "restart")
        #expect(suspect?["ends"]?.integer == (bridge.now.unix + 60_999) / 1_000)
    }

    @Test("A statement past the rate is said to wait")
    func deferred() throws {
        var bridge = Bridge.serving {
            $0.deviceRate = 1
            $0.deviceBurst = 1
        }
        bridge.says("bob/phone", "online")
        #expect(device(ask(&bridge, "bob"), "phone")?["deferred"]?.bool == false)
        bridge.says("bob/phone", "away")
        let phone = device(ask(&bridge, "bob"), "phone")
        #expect(phone?["deferred"]?.bool == true)
        #expect(phone?["shows"]?.string == "online")
    }

    @Test("What was refused lately is there, of each device the newest, until the user is erased")
    func refused() throws {
        var bridge = Bridge.serving { $0.deviceBurst = 1_000 }
        bridge.says("bob/phone", "Out to lunch")
        bridge.now = bridge.now.advanced(by: .seconds(5))
        bridge.says("bob/phone", "very busy")
        bridge.says("bob/tv", "online")
        bridge.says("alice/phone", "?")
        let refused = try #require(ask(&bridge, "bob")?["refused"]?.array)
        #expect(refused.count == 1)
        #expect(refused[0].object?["device"]?.string == "phone")
        #expect(refused[0].object?["code"]?.string == "invalid_status")
        #expect(refused[0].object?["time"]?.integer == 1_700_000_005)
        for number in 0..<400 { bridge.says("carol/d\(number)", "?") }
        #expect(ask(&bridge, "bob")?["refused"]?.array == [])
        #expect(ask(&bridge, "carol")?["refused"]?.array?.count == RecentRefusals.most)
        bridge.send(.asked(Question(number: 2, .erasure, about: "carol")))
        #expect(ask(&bridge, "carol")?["refused"]?.array == [])
    }

    @Test("Who speaks for an adopted thing")
    func adopted() throws {
        var bridge = try Bridge.adopting("tasmota")
        bridge.hears("tele/lamp/LWT", "Online")
        let thing = try #require(device(ask(&bridge, "tasmota-lamp"), "tasmota"))
        #expect(thing["shows"]?.string == "online")
        #expect(thing["adopted"]?.object?["topic"]?.string == "tele/lamp/LWT")
        #expect(thing["adopted"]?.object?["gateway"] == .null)
    }

    @Test("With history the last changes are read for it; where that fails, they are missing")
    func changes() throws {
        var bridge = Bridge.serving { $0.historyKeep = .seconds(3_600) }
        bridge.says("bob/phone", "online")
        let question = Input.asked(Question(number: 1, .explanation, about: "bob"))
        var queries: [(number: UInt64, query: HistoryQuery)] = []
        for case .recall(let number, let query) in bridge.send(question) {
            queries.append((number, query))
        }
        let asked = try #require(queries.first)
        #expect(asked.query == HistoryQuery(of: Name(checked: "bob"), limit: 10))
        let change = LoggedChange(
            id: 7,
            user: Name(checked: "bob"),
            time: 5,
            kind: .online,
            status: Array("{}".utf8)
        )
        let effects = bridge.send(.recalled(asked.number, [change]))
        let read = try #require(answer(effects))
        #expect(read["changes"]?.array?.first?.object?["id"]?.string == "7")
        #expect(device(read, "phone")?["shows"]?.string == "online")
        for case .recall(let number, _) in bridge.send(question) {
            let unread = answer(bridge.send(.recalled(number, nil)))
            #expect(unread?["changes"] == .null)
        }
    }

    @Test("A name that nobody can have is refused, and everything while nothing is served")
    func refusals() {
        var bridge = Bridge.serving()
        let code = { (effects: [Effect]) -> ErrorCode? in
            for case .answer(_, .failure(let refusal)) in effects { return refusal.code }
            return nil
        }
        #expect(
            code(bridge.send(.asked(Question(number: 1, .explanation, about: "a/b"))))
                == .invalidUsername
        )
        bridge.send(.brokerLost)
        #expect(
            code(bridge.send(.asked(Question(number: 1, .explanation, about: "bob"))))
                == .unavailable
        )
    }
}
