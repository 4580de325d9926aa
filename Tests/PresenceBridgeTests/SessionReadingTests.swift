import Mosquitto
import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("What the bridge reads over a connection")
struct SessionReadingTests {
    @Test(
        "At a connection the own state is read first, then the broker's figures, and the devices last"
    )
    func subscriptions() throws {
        var rig = try LinkRig.serving()
        rig.handle(.decided(.read(7, .connection)))
        #expect(
            rig.filters == [
                "presence/bridge/presence-bridge", "presence/bridge/presence-bridge/mark",
                "presence/bridge/presence-bridge/export",
                "$SYS/broker/uptime", "$SYS/broker/publish/messages/dropped", "presence/status/+",
                "presence/device/+/+", "presence/bridge/presence-bridge/probe/last",
            ]
        )
        #expect(rig.subscribed.map(\.identifier) == [5, 3, 2, 1])
        #expect(rig.subscribed.map(\.options.retainAsPublished) == [false, false, false, true])
        #expect(rig.ahead.map(\.text) == ["1", "7.1"] && rig.readLimit == 20_000)
        #expect(rig.ahead[0].topic == rig.filters.last && rig.ahead[0].retain)
        rig.handle(.happened(.message(rig.ahead[1])))
        #expect(rig.told == [.readingEnded(7)] && rig.unsubscribed == ["presence/status/+"])
        #expect(rig.readLimit == 1_024)
    }

    @Test(
        "Requests come with their own quality of service; without identifiers nothing is numbered"
    )
    func options() throws {
        for has in [true, false] {
            var rig = try LinkRig.connected { $0.subscriptionIdentifiersAvailable = has }
            rig.handle(.decided(.serve(epoch: 1, grace: 60)))
            let requests = try #require(rig.subscribed.last)
            #expect(requests.filters == ["presence/request/+/+/+"])
            #expect(requests.options.qos == 2 && requests.options.retainAsPublished)
            #expect(rig.subscribed.allSatisfy { ($0.identifier != nil) == has })
        }
    }

    @Test("Single topics are read in packets of 200 filters, and left when their marker is back")
    func partial() throws {
        var rig = try LinkRig.serving()
        let users = (1...450).map { Name(checked: "u\($0)") }
        rig.handle(.decided(.read(8, .users(users))))
        #expect(rig.subscribed.map(\.filters.count) == [200, 200, 50])
        #expect(Set(rig.subscribed.map(\.identifier)).count == 1)
        rig.handle(.happened(.message(rig.ahead[0])))
        #expect(rig.unsubscribed.count == 450 && rig.told == [.readingEnded(8)])
    }

    @Test("A reading whose first marker does not come is cut, and a lost one is asked for again")
    func markers() throws {
        var rig = try LinkRig.serving()
        rig.handle(.decided(.read(9, .everyDevice)))
        #expect(rig.nextStep == 500)
        rig.step(after: 500)
        #expect(rig.ahead.map(\.text) == ["9.1", "9.2"])
        rig.handle(.happened(.message(rig.ahead[1])))
        #expect(rig.told == [.readingCut(9), .readingEnded(9)])
        rig.handle(.happened(.message(rig.ahead[0])))
        #expect(rig.told.count == 2, "it is over")
    }

    @Test("At a broker like mosquitto a reading that lacks what it asked for last is cut")
    func last() throws {
        let topic = "presence/bridge/presence-bridge/probe/last"
        func come(_ rig: inout LinkRig, by subscription: Subscription.Lasting, retain: Bool) {
            var message = Message(topic: topic, payload: "1", retain: retain)
            message.properties.subscriptionIdentifiers = [subscription.rawValue]
            rig.handle(.happened(.message(message)))
        }
        for (isLikeMosquitto, isKept, isFound, isCut) in [
            (true, true, false, true), (true, true, true, false), (true, false, false, false),
            (false, true, false, false),
        ] {
            var rig = try LinkRig.serving()
            if isLikeMosquitto { rig.hear("$SYS/broker/uptime", "100 seconds", retain: true) }
            if isKept { come(&rig, by: .bridge, retain: false) }
            rig.forget()
            rig.handle(.decided(.read(9, .everyDevice)))
            // Another process may write it meanwhile: that is no part of what is found.
            come(&rig, by: .device, retain: isFound)
            rig.handle(.happened(.message(try #require(rig.ahead.last))))
            #expect(rig.told == (isCut ? [.readingCut(9)] : []) + [.readingEnded(9)])
        }
    }

    @Test("What was asked for last and is cleared since says nothing of a reading that lacks it")
    func lastCleared() throws {
        var rig = try LinkRig.serving()
        rig.hear("$SYS/broker/uptime", "100 seconds", retain: true)
        for (text, subscription) in [
            ("1", Subscription.Lasting.bridge), ("", Subscription.Lasting.device),
        ] {
            let topic = "presence/bridge/presence-bridge/probe/last"
            var message = Message(topic: topic, payload: text, retain: false)
            message.properties.subscriptionIdentifiers = [subscription.rawValue]
            rig.handle(.happened(.message(message)))
        }
        rig.forget()
        rig.handle(.decided(.read(9, .everyDevice)))
        rig.handle(.happened(.message(try #require(rig.ahead.last))))
        #expect(rig.told == [.readingEnded(9)])
    }

    @Test("So is one of single topics of which a SUBSCRIBE lacks it", arguments: 0...3)
    func lastOfPartial(_ found: Int) throws {
        let topic = "presence/bridge/presence-bridge/probe/last"
        var rig = try LinkRig.serving()
        rig.hear("$SYS/broker/uptime", "100 seconds", retain: true)
        func come(_ rig: inout LinkRig, by identifier: UInt32) {
            var message = Message(topic: topic, payload: "1", retain: true)
            message.properties.subscriptionIdentifiers = [identifier]
            rig.handle(.happened(.message(message)))
        }
        come(&rig, by: Subscription.Lasting.bridge.rawValue)
        rig.forget()
        let phone = Name(checked: "phone")
        let keys = (1...450).map { DeviceKey(Name(checked: "u\($0)"), phone) }
        rig.handle(.decided(.read(8, .devices(keys))))
        let subscriptions = rig.subscribed
        #expect(subscriptions.map(\.filters.count) == [200, 200, 53])
        #expect(subscriptions.allSatisfy { $0.filters.last == topic })
        rig.handle(.decided(.read(9, .devices([DeviceKey(Name(checked: "bob"), phone)]))))
        rig.handle(.decided(.read(10, .everyDevice)))
        let others = rig.subscribed.dropFirst(3).compactMap(\.identifier)
        for _ in 0..<found { come(&rig, by: try #require(subscriptions[0].identifier)) }
        // What other readings find is none of it.
        for other in others { come(&rig, by: other) }
        let markers = rig.ahead
        for marker in markers { rig.handle(.happened(.message(marker))) }
        let isCut = found < 3
        let ends = [Input.readingEnded(8), .readingEnded(9), .readingEnded(10)]
        #expect(markers.count == 3 && rig.told == (isCut ? [.readingCut(8)] : []) + ends)
        #expect(rig.unsubscribed.count == 451)
    }

    @Test("Device topics that cannot be read at a connection end it")
    func stalled() throws {
        var rig = try LinkRig.serving()
        rig.handle(.decided(.read(9, .connection)))
        rig.step(after: 10_000)
        #expect(rig.told == [])
        rig.step(after: 1)
        #expect(rig.told == [.brokerLost] && rig.orders.contains(.hangUp))
        #expect(rig.lines.contains { $0.contains("read and write presence/device/#") })
    }

    @Test("The mark and the own state that are found are told, and contradict nobody who serves")
    func ownState() throws {
        var rig = try LinkRig.serving()
        rig.handle(.decided(.read(7, .connection)))
        rig.hear("presence/bridge/presence-bridge", "{}", retain: true)
        let topic = "presence/bridge/presence-bridge/mark"
        var mark = Message(topic: topic, payload: "12", retain: true)
        mark.connectionID = "1000-7"
        rig.handle(.happened(.message(mark)))
        let found = Input.ownStateFound(Array("{}".utf8), by: nil)
        #expect(rig.told == [found, .markReported(12, by: "1000-7", isRetained: true)])
        #expect(rig.topics == [])
    }

    @Test("Will and mark say which connection left them, and no two connections say the same")
    func connectionIDs() throws {
        var rig = try LinkRig.serving()
        rig.handle(.decided(.mark(12)))
        let will = try #require(rig.calls.last?.will)
        let mark = try #require(rig.published.last { $0.topic.hasSuffix("/mark") })
        #expect(will.connectionID == "1000-1" && mark.connectionID == will.connectionID)
        rig.handle(.happened(.closed(.lost("reset"))))
        rig.step(after: 60_000)
        #expect(rig.calls.last?.will?.connectionID == "1000-2")
    }

    @Test(
        "What the broker counts as dropped is told when it has become more",
        arguments: [
            (["3"], 0), (["3", "3"], 0), (["3", "4"], 1), (["3", "x", "5", "2", "3"], 2),
        ]
    )
    func dropped(_ texts: [String], _ times: Int) throws {
        var rig = try LinkRig.serving()
        for text in texts { rig.hear("$SYS/broker/publish/messages/dropped", text) }
        #expect(rig.told == [Input](repeating: .messagesDropped, count: times))
    }

    @Test(
        "What was dropped as the last connection ended is told at the next one",
        arguments: [("3", false), ("4", true), ("0", false)]
    )
    func droppedBefore(_ text: String, _ isMore: Bool) throws {
        var rig = try LinkRig.serving()
        rig.hear("$SYS/broker/publish/messages/dropped", "3")
        rig.handle(.happened(.closed(.lost("x"))))
        rig.step(after: 10_000)
        rig.handle(.happened(.connected(Acknowledgement())))
        rig.hear("$SYS/broker/publish/messages/dropped", text, retain: true)
        #expect(rig.told.contains(.messagesDropped) == isMore)
    }
}
