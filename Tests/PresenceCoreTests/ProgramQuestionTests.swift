import Presence
import Testing

@testable import PresenceCore

@Suite("Questions that do not come by the broker")
struct ProgramQuestionTests {
    private var caller = Caller()

    /// Asks in a turn of its own.
    private mutating func ask(
        _ act: Question.Act,
        about user: String? = nil,
        as viewer: String? = nil
    ) -> (answer: Question.Answer?, effects: [Effect]) {
        let question = Question(number: 7, act, about: user, as: viewer)
        let effects = caller.turn([.asked(question)])
        let answers = effects.compactMap { effect -> Question.Answer? in
            guard case .answer(7, let answer) = effect else { return nil }
            return answer
        }
        #expect(answers.count == 1)
        return (answers.first, effects)
    }

    private mutating func text(
        _ act: Question.Act,
        about user: String? = nil,
        as viewer: String? = nil
    ) -> String {
        switch ask(act, about: user, as: viewer).answer {
        case .success(let bytes): String(decoding: bytes, as: UTF8.self)
        case .failure(let refusal): refusal.code.rawValue
        case nil: "nothing"
        }
    }

    private func status(_ user: String) -> String {
        guard let id = caller.core.names.id(of: Name(checked: user)) else { return "unknown" }
        return caller.core.users.status(of: id, named: Name(checked: user)).status.text
    }

    @Test("What is read is what MQTT reads, byte for byte")
    mutating func reading() {
        caller.state("bob", "away")
        let byBroker = caller.ask("alice", "get", #"{"usernames":["bob","zoe"]}"#)
        let result = text(.request(.get(["bob", "zoe"])))
        #expect(byBroker == #"{"operation":"get","result":"# + result + "}")
        #expect(
            result == #"{"users":["# + text(.status, about: "bob") + ","
                + text(.status, about: "zoe") + "]}"
        )
        #expect(text(.request(.getBrief(["bob"]))) == #"{"online":{"bob":true}}"#)
        #expect(
            text(.request(.online(pageSize: nil, cursor: nil)))
                == #"{"total":1,"usernames":["bob"]}"#
        )
    }

    @Test("No permission binds the operator, and each binds who is asked for as somebody")
    mutating func permissions() {
        var limits = Caller.limits
        limits.allowOnline = .nobody
        caller = Caller(limits)
        let online = Question.Act.request(.online(pageSize: 0, cursor: nil))
        #expect(text(online) == #"{"total":0,"usernames":[]}"#)
        #expect(text(online, as: "alice") == "forbidden")
        #expect(text(online, as: "a/b") == "invalid_username")
        #expect(
            text(.request(.subscribe(.everyone, expiry: 60)), about: "alice").contains(#""all":"#)
        )
    }

    @Test("A thousand users may be asked for at once, and no more")
    mutating func many() {
        let names = (0..<1_000).map { "user\($0)" }
        #expect(text(.request(.get(names))).hasPrefix(#"{"users":[{"username":"user0""#))
        #expect(text(.request(.get(names + ["one"]))) == "too_many_users")
        #expect(
            text(.request(.unsubscribe(.users(Array(names[..<101])))), about: "al")
                == "too_many_users"
        )
    }

    @Test("An answer has 8 MiB at most, and no more than that is written of one")
    mutating func longAnswers() {
        var limits = Caller.limits
        (limits.deviceRate, limits.deviceBurst) = (1_000, 1_000)
        caller = Caller(limits)
        let words = String(repeating: "\u{1}", count: 1_024)
        let names = (0..<1_000).map { "u\($0)" }
        for name in names {
            let publish = Request.publish(description: words, expiry: nil)
            #expect(text(.request(publish), about: name) != "invalid_description")
            let word = String(repeating: "w", count: 32)
            let quotes = String(repeating: "\"", count: 62)
            caller.turn((10..<40).map { .says(name, word, "\($0)" + quotes) })
        }
        let one = ask(.status, about: "u0").answer
        guard case .success(let bytes) = one else {
            Issue.record("\(String(describing: one))")
            return
        }
        #expect(bytes.count > 9_000)
        guard case .failure(let refusal) = ask(.request(.get(names))).answer else {
            Issue.record("an answer of \(bytes.count * 1_000) bytes is given")
            return
        }
        #expect(refusal.code == .limitExceeded)
        let told = refusal.message.split(separator: " ").compactMap { Int($0.filter(\.isNumber)) }
        #expect(told.first.map { $0 < 8 << 20 + 20_000 } == true)
        #expect(refusal.message.contains("8388608: name fewer users"))
        guard case .success = ask(.request(.get(Array(names[..<500])))).answer else {
            Issue.record("an answer that is short enough is not given")
            return
        }
    }

    @Test("What is refused says why, in the protocol's codes")
    mutating func refusals() {
        #expect(text(.status, about: "a/b") == "invalid_username")
        #expect(text(.status, about: "\u{0}") == "invalid_username")
        #expect(text(.request(.online(pageSize: 501, cursor: nil))) == "invalid_page")
        #expect(text(.request(.online(pageSize: 1, cursor: "1-x"))) == "invalid_page")
        let long = String(repeating: "a", count: 1_025)
        #expect(
            text(.request(.publish(description: long, expiry: nil)), about: "bob")
                == "invalid_description"
        )
    }

    @Test("A cursor of the operator's is no user's")
    mutating func cursors() {
        for user in ["bob", "carol"] { caller.state(user) }
        let page = JSONObject(parsed: text(.request(.online(pageSize: 1, cursor: nil))))
        let cursor = page["cursor"]?.string
        #expect(cursor != nil)
        #expect(text(.request(.online(pageSize: 1, cursor: cursor)), as: "alice") == "invalid_page")
        #expect(text(.request(.online(pageSize: 1, cursor: cursor))).contains("carol"))
    }

    @Test("Subscriptions and words are made for a user, who is not asked, and are stored")
    mutating func changes() {
        let subscribed = ask(.request(.subscribe(.users(["bob"]), expiry: 60)), about: "alice")
        #expect(
            subscribed.effects.contains {
                if case .save(_, isRequested: true) = $0 { true } else { false }
            }
        )
        #expect(caller.state("bob").told("alice") == ["bob:online"])
        #expect(
            text(.request(.publish(description: "hi", expiry: nil)), about: "bob").contains(
                #""description":"hi""#
            )
        )
        #expect(
            text(.request(.watchers(pageSize: nil, cursor: nil)), about: "bob").contains("alice")
        )
        #expect(
            text(.request(.unsubscribe(.everyone)), about: "alice") == #"{"unsubscribed":["bob"]}"#
        )
    }

    @Test("A store that takes nothing has changes refused, and reading goes on")
    mutating func storeFailure() {
        caller.storeFailure = "full"
        let publish = Question.Act.request(.publish(description: "hi", expiry: nil))
        #expect(text(publish, about: "bob") == "unavailable")
        #expect(text(.status, about: "bob").contains(#""seq":0"#))
        #expect(text(publish, about: "bob") == "unavailable")
        #expect(
            text(.statement(device: "desk", payload: Array("{}".utf8)), about: "bob")
                == "unavailable"
        )
        #expect(text(.erasure, about: "bob") == "unavailable")
    }

    @Test("Without a broker everything is refused, by what is wrong with it first")
    mutating func away() {
        caller.turn([.brokerLost])
        #expect(text(.status, about: "bob") == "unavailable")
        #expect(text(.status, about: "a/b") == "invalid_username")
        #expect(text(.erasure, about: "bob") == "unavailable")
        #expect(text(.statement(device: "+", payload: []), about: "bob") == "malformed_request")
        let question = Question(number: 9, .status, about: "bob")
        let effects = caller.turn([.asked(question), .brokerLost])
        #expect(effects.contains { if case .answer(9, .failure) = $0 { true } else { false } })
    }

    // MARK: - Statements

    private static func said(_ text: String, _ device: String = "desk") -> Question.Act {
        .statement(device: device, payload: Array(text.utf8))
    }

    @Test("A statement counts as the device's, is written to its topic as the bridge's, and stored")
    mutating func statement() {
        let (answer, effects) = ask(
            Self.said(#"{"status":"busy","by":"presence-bridge"}"#),
            about: "bob"
        )
        #expect(answer == .success([]))
        #expect(status("bob") == "busy")
        let device = RetainedTopic.device(Name(checked: "bob"), Name(checked: "desk"))
        let payload = Array(#"{"status":"busy","by":"presence-bridge"}"#.utf8)
        #expect(effects.contains(.retain(device, payload)))
        #expect(effects.contains { if case .save = $0 { true } else { false } })
        // Its echo is the bridge's own word.
        caller.turn([.says("bob", #"{"status":"busy","by":"presence-bridge"}"#, "desk")])
        #expect(status("bob") == "busy")
        caller.turn([.says("bob", "away", "desk")])
        #expect(status("bob") == "away")
    }

    @Test("An empty one is a logout, also of a device that there is none of")
    mutating func emptied() {
        #expect(text(Self.said("", "nobody"), about: "bob") == "")
        _ = ask(Self.said("{}"), about: "bob")
        let (answer, effects) = ask(Self.said(""), about: "bob")
        #expect(answer == .success([]))
        #expect(effects.contains(.clear(.device(Name(checked: "bob"), Name(checked: "desk")))))
        caller.pass(2_000)
        #expect(status("bob") == "offline")
    }

    @Test("What cannot be read changes nothing, and its topic is not touched")
    mutating func refusedStatements() {
        for (said, code) in [
            ("Out to lunch", "invalid_status"), (#"{"ttl":1}"#, "invalid_expiry"),
            (#"{"a":1}"#, "malformed_request"),
            (String(repeating: "a", count: 1_025), "payload_too_large"),
        ] {
            let (answer, effects) = ask(Self.said(said), about: "bob")
            guard case .failure(let refusal) = answer else {
                Issue.record("\(said) is taken")
                continue
            }
            #expect(refusal.code.rawValue == code)
            #expect(effects.count == 1)
        }
    }

    @Test("A user's limit of devices holds, and its rate does not")
    mutating func limits() {
        var limits = Caller.limits
        (limits.maxDevices, limits.deviceRate, limits.deviceBurst) = (2, 1, 1)
        caller = Caller(limits)
        for device in ["a", "b", "a", "b"] {
            #expect(text(Self.said("{}", device), about: "bob") == "")
        }
        #expect(text(Self.said("{}", "c"), about: "bob") == "too_many_devices")
        // What is wrong with it is told before what may be over soon.
        caller.storeFailure = "full"
        caller.state("bob", "dnd", "a")
        #expect(text(Self.said("{}", "c"), about: "bob") == "too_many_devices")
        #expect(text(Self.said("{}", "a"), about: "bob") == "unavailable")
        caller.storeFailure = nil
        caller.pass(2_000)
        #expect(text(Self.said(#"{"status":"away"}"#, "a"), about: "bob") == "")
        #expect(caller.core.users.status(of: 1, named: Name(checked: "bob")).devices.count == 2)
    }
}
