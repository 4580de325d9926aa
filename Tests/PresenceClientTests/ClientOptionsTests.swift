import Presence
import Testing

@testable import PresenceClient

@Suite("What a client is made with")
struct ClientOptionsTests {
    private let options = ClientOptions(username: "alice", device: "laptop")

    @Test("Nobody guesses the client identifier, and it is no name of a device")
    func clientID() {
        let ids = Set((0..<100).map { _ in options.chosenClientID })
        #expect(ids.count == 100)
        for id in ids {
            #expect(id.hasPrefix("presence-") && id.dropFirst(9).allSatisfy(\.isHexDigit))
            #expect(id.dropFirst(9).count >= 32)
            #expect(Name(device: id) == nil)
        }
        var own = options
        own.clientID = "mine"
        #expect(own.chosenClientID == "mine")
    }

    @Test("The identifier of one that only watches says so")
    func watcher() {
        var watcher = options
        watcher.announces = false
        #expect(watcher.chosenClientID.hasPrefix(ClientIdentifier.watcherPrefix))
        #expect(!options.chosenClientID.hasPrefix(ClientIdentifier.watcherPrefix))
    }

    @Test("A device promises to speak within five minutes, unless that is not wanted")
    func ttl() {
        #expect(OwnDevice(.online, ttl: options.ttl).statement.ttl == 300)
        #expect(OwnDevice(.online, ttl: nil).statement.ttl == nil)
    }

    @Test("A host with a scheme or a port in it is refused before anything is tried")
    func host() {
        for text in ["localhost:1990", "mqtt://localhost"] {
            var wrong = options
            wrong.host = text
            #expect {
                try PresenceClient(wrong)
            } throws: { error in
                guard case PresenceError.invalidOption(let words) = error else { return false }
                let begin = "the host \"\(text)\" has "
                return words.hasPrefix(begin) && words.contains("host localhost")
            }
        }
    }

    @Test("A prefix that brokers do not take is refused before anything is tried")
    func prefix() {
        var wrong = options
        wrong.topicPrefix = "a/+"
        let words = "the topic prefix \"a/+\" has a wildcard; allowed: \(TopicPrefix.rule)"
        #expect(throws: PresenceError.invalidOption(words)) { try PresenceClient(wrong) }
        wrong.topicPrefix = "a/b"
        #expect(throws: Never.self) { try PresenceClient(wrong) }
    }

    @Test("A device does not begin as lost, which its will says of it")
    func lost() {
        var wrong = options
        wrong.status = .lost
        #expect(throws: PresenceError.invalidOption("the status lost is what a last will says")) {
            try PresenceClient(wrong)
        }
        #expect(StatusWord(stated: "busy") == StatusWord(checked: "busy"))
        #expect(StatusWord(stated: #"{"status":"busy"}"#) == nil)
        #expect(StatusWord(stated: "very busy") == nil)
    }

    @Test("What a refused subscription is, and which right it needs, stands in the error")
    func words() {
        let error = PresenceError.notSubscribed(topic: "presence/event/alice", reason: "No (0x87)")
        #expect(
            error.description == "the broker refused the subscription to presence/event/alice: No "
                + "(0x87); where the right is missing, mosquitto's access control list needs: "
                + "topic read presence/event/alice"
        )
        let silent = PresenceError.noAnswer(operation: "get", bridgeIsAway: false).description
        #expect(silent.contains("write its requests and read its responses"))
    }
}
