import Mosquitto
import Presence
import PresenceAdoption
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("Topics that were learned, over a connection")
struct LearnedTopicsTests {
    /// A connection on which this process adopts, and has ordered no reading yet.
    private func connected() throws -> LinkRig {
        let plan = try AdoptionPlan([try AdoptionLine("discovery")], topicPrefix: "presence")
        var rig = try LinkRig { $0.adoption = plan }
        rig.step()
        rig.handle(.happened(.connected(Acknowledgement())))
        rig.pump()
        rig.find()
        rig.forget()
        return rig
    }

    private func filters(_ topics: String...) -> [TopicFilter] { topics.map { TopicFilter($0) } }

    @Test("They are subscribed to as they are learned, with the number of what is adopted")
    func learning() throws {
        var rig = try connected()
        rig.handle(.decided(.read(1, .connection)))
        rig.forget()
        rig.handle(.decided(.listen(to: filters("a/s", "b/s") + [TopicFilter("c/s", qos: 1)])))
        #expect(rig.subscribed.map(\.filters) == [["a/s", "b/s"], ["c/s"]])
        #expect(rig.subscribed.map(\.identifier) == [6, 6])
        #expect(rig.subscribed.map(\.options.qos) == [0, 1])
        var message = Message(topic: "a/s", payload: "online", retain: true)
        message.properties.subscriptionIdentifiers = [6]
        rig.handle(.happened(.message(message)))
        #expect(
            rig.told == [
                .adoptedHeard(
                    AdoptedMessage(topic: "a/s", payload: Array("online".utf8), isFound: true)
                )
            ]
        )
        rig.handle(.decided(.stopListening(to: ["a/s"])))
        #expect(rig.unsubscribed == ["a/s"])
    }

    @Test(
        "A new connection is told them before its reading, which includes them behind the broker's own state"
    )
    func reconnection() throws {
        var rig = try connected()
        rig.handle(.decided(.listen(to: filters("a/s"))))
        #expect(rig.subscribed == [])
        rig.handle(.decided(.read(1, .connection)))
        // With what is asked for last.
        #expect(rig.subscribed.map(\.identifier) == [5, 3, 2, 6, 1])
        #expect(rig.subscribed[3].filters.contains("a/s"))
        rig.forget()
        rig.handle(.decided(.read(2, .everyDevice)))
        #expect(rig.filters.contains("a/s"))
    }

    @Test("To be asked for alone does not end the lasting subscription")
    func alone() throws {
        var rig = try connected()
        rig.handle(.decided(.read(1, .connection)))
        rig.handle(.decided(.listen(to: filters("a/s"))))
        rig.forget()
        rig.handle(.decided(.read(2, .adopted(["a/s", "tele/plug/LWT"]))))
        #expect(rig.subscribed.map(\.filters) == [["a/s"], ["tele/plug/LWT"]])
        #expect(rig.subscribed[0].identifier == 6)
        rig.handle(.happened(.message(rig.ahead[0])))
        #expect(rig.unsubscribed == ["tele/plug/LWT"])
    }

    @Test(
        "A reading of learned topics that lacks what each SUBSCRIBE asks for last is cut",
        arguments: [false, true]
    )
    func last(isFound: Bool) throws {
        let last = "presence/bridge/presence-bridge/probe/last"
        var rig = try connected()
        rig.hear("$SYS/broker/uptime", "100 seconds", retain: true)
        func come(by identifier: UInt32) {
            var message = Message(topic: last, payload: "1", retain: true)
            message.properties.subscriptionIdentifiers = [identifier]
            rig.handle(.happened(.message(message)))
        }
        rig.handle(.decided(.listen(to: filters("a/s"))))
        rig.handle(.decided(.read(1, .connection)))
        // It is kept, is found by what is adopted and learned, and by the devices.
        come(by: Subscription.Lasting.bridge.rawValue)
        #expect(rig.subscribed.filter { $0.identifier == 6 }.allSatisfy { $0.filters.last == last })
        for subscription in rig.subscribed where subscription.filters.last == last {
            come(by: try #require(subscription.identifier))
        }
        rig.handle(.happened(.message(try #require(rig.ahead.last))))
        #expect(rig.told.last == .readingEnded(1) && !rig.told.contains(.readingCut(1)))
        rig.forget()
        rig.handle(.decided(.read(2, .adopted(["a/s"]))))
        #expect(rig.subscribed.map(\.filters) == [["a/s", last]])
        if isFound { come(by: 6) }
        rig.handle(.happened(.message(rig.ahead[0])))
        #expect(rig.told == (isFound ? [] : [.readingCut(2)]) + [.readingEnded(2)])
        #expect(rig.unsubscribed == [])
    }

    @Test("What was asked for alone and is learned meanwhile stays subscribed to")
    func learnedMeanwhile() throws {
        var rig = try connected()
        rig.handle(.decided(.read(1, .connection)))
        rig.handle(.decided(.read(2, .adopted(["a/s", "b/s"]))))
        rig.handle(.decided(.listen(to: filters("a/s"))))
        let marker = try #require(rig.ahead.last)
        rig.forget()
        rig.handle(.happened(.message(marker)))
        #expect(rig.told.last == .readingEnded(2))
        #expect(rig.unsubscribed == ["b/s"])
    }

    @Test("Long topics are subscribed to in packets that a broker takes")
    func long() throws {
        var rig = try connected()
        rig.handle(.decided(.read(1, .connection)))
        rig.forget()
        let long = String(repeating: "x", count: 1_000)
        let topics = (100..<200).map { TopicFilter("\($0)/\(long)") }
        rig.handle(.decided(.listen(to: topics)))
        #expect(rig.subscribed.map(\.filters.count) == [32, 32, 32, 4])
        #expect(rig.filters == topics.map(\.text))
    }

    @Test("One that the broker refuses is named with the line for the ACL")
    func refusal() throws {
        var rig = try connected()
        rig.handle(.decided(.read(1, .connection)))
        rig.handle(.decided(.listen(to: filters("a/s"))))
        rig.answer("a/s", .notAuthorized)
        #expect(rig.lines.contains { $0.contains("topic read a/s") })
        #expect(rig.phase == .connected)
    }
}
