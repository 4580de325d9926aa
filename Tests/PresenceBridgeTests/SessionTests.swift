import Mosquitto
import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("What the bridge does over a connection")
struct SessionTests {
    private static let question = "presence/bridge/presence-bridge/duty"

    // MARK: - Who serves, and whether anybody can

    @Test("The broker is found when the own question is back, and the length of a payload is known")
    func found() throws {
        var rig = try LinkRig.connected()
        #expect(rig.topics.first == ControlMessage.topic)
        let own = try #require(rig.published.last)
        #expect(own.topic == Self.question && rig.told == [])
        rig.handle(.happened(.message(own)))
        #expect(rig.told == [])
        // What was retained to be found by a wildcard was not: it is looked for again, and then alone.
        for _ in 1...3 {
            rig.step(after: 1_000)
            rig.handle(.happened(.message(try #require(rig.published.last))))
        }
        let looks = rig.filters.filter { $0.contains("/probe/") }
        let wildcard = "presence/bridge/presence-bridge/probe/+"
        #expect(
            looks == [wildcard, wildcard, "presence/bridge/presence-bridge/probe/retained"]
        )
        #expect(rig.told.contains(.brokerFound))
    }

    @Test("A length that the broker refuses is told before it is found")
    func lengths() throws {
        var rig = try LinkRig.connected { $0.maximumPacketSize = 5_000 }
        rig.find()
        #expect(rig.told.first == .packetsLimited(PacketLimit(packet: 5_000)))
        #expect(rig.told.last == .brokerFound)
        rig = try LinkRig.connected()
        rig.acknowledge(.packetTooLarge) { $0.topic.hasSuffix("$bridge/length") }
        rig.find()
        let limits = rig.told.compactMap { input -> Int? in
            guard case .packetsLimited(let limit) = input else { return nil }
            return limit.payload
        }
        #expect(limits.last ?? .max < 65_536 && !limits.isEmpty)
        #expect(rig.told.last == .brokerFound)
    }

    @Test(
        "With a broker that keeps nothing, or knows no wildcards, nothing is done",
        arguments: [
            { $0.retainAvailable = false }, { $0.wildcardSubscriptionAvailable = false },
        ] as [@Sendable (inout Acknowledgement) -> Void]
    )
    func unfit(_ change: @Sendable (inout Acknowledgement) -> Void) throws {
        var rig = try LinkRig.connected([], change)
        rig.step(after: 1_000)
        #expect(rig.topics == [] && rig.filters == [] && rig.told == [])
        #expect(rig.orders == [.keepAlive])
        #expect(rig.lines.contains { $0.contains("presence cannot work with it") })
    }

    @Test("Whoever hears that another bridge serves stands by, and gives way if it has served")
    func givesWay() throws {
        let other = BridgeProcessID(bridge: "other", nonce: "x", started: 1)
        let word = Message(
            topic: "presence/bridge/other/duty",
            payload: DutyMessage(.serving, other, since: 1).payload
        )
        var rig = try LinkRig.connected()
        rig.handle(.happened(.message(word)))
        rig.find()
        #expect(!rig.told.contains(.brokerFound) && rig.orders == [])
        #expect(rig.lines.contains { $0.contains("stands by") })

        rig = try LinkRig.serving()
        rig.handle(.happened(.message(word)))
        #expect(rig.told == [.brokerLost] && rig.orders == [.hangUp])
        #expect(rig.phase == .resting(until: rig.now.uptime), "it calls at once, and stands by")
    }

    @Test("Whoever serves answers past everything that waits, and says again what was written over")
    func answers() throws {
        var rig = try LinkRig.serving { $0.receiveMaximum = 1 }
        for user in ["a", "b"] {
            rig.handle(.decided(.retain(.status(Name(checked: user)), [1])))
        }
        let other = BridgeProcessID(bridge: "other", nonce: "x", started: 1)
        let word = DutyMessage(.asking, other, since: 9_999_999)
        rig.handle(
            .happened(
                .message(Message(topic: "presence/bridge/other/duty", payload: word.payload))
            )
        )
        #expect(rig.ahead.map(\.topic) == [Self.question])
        for _ in ["a", "b"] {
            rig.pump()
            rig.acknowledge()
        }
        rig.step(after: 2_000)
        rig.hear("presence/bridge/presence-bridge", #"{"state":"offline"}"#)
        rig.pump()
        #expect(rig.topics.last == "presence/bridge/presence-bridge")
        #expect(rig.published.last?.text.contains(#""state":"online""#) == true)
    }

    // MARK: - Rights

    @Test("A right that is refused is tried another way, where there is one, and then told")
    func rights() throws {
        for (kind, tries) in [("event", 2), ("response", 1)] {
            var rig = try LinkRig.connected()
            rig.find(but: kind)
            for _ in 1...tries {
                #expect(!rig.lines.contains { $0.contains("does not let") })
                rig.acknowledge(.notAuthorized) {
                    $0.topic.hasPrefix("presence/\(kind)/") && !$0.topic.hasSuffix("length")
                }
            }
            #expect(rig.lines.count { $0.contains("write presence/\(kind)/#") } == 1, "\(kind)")
        }
    }

    @Test("What is read must come back within five seconds")
    func silent() throws {
        var rig = try LinkRig.connected()
        rig.find(but: "status")
        rig.acknowledge()
        rig.step(after: 5_000)
        #expect(!rig.lines.contains { $0.contains("does not let") })
        rig.step(after: 1)
        // Once more, where an ACL may give leave for just so many levels.
        #expect(rig.topics.last?.hasPrefix("presence/status/$bridge-") == true)
        rig.step(after: 5_001)
        #expect(rig.lines.count { $0.contains("read and write presence/status/#") } == 1)
    }

    @Test("Who may not hear the other bridges serves, as if there were none")
    func deaf() throws {
        var rig = try LinkRig.connected()
        rig.find(but: "bridge")
        rig.answer("presence/bridge/+/duty", .notAuthorized)
        #expect(rig.told.contains(.brokerFound))
        #expect(rig.lines.contains { $0.contains("read and write presence/bridge/#") })
    }

    // MARK: - Subscriptions and readings

    @Test(
        "At a connection the own state is read first, then the broker's figures, and the devices last"
    )
    func subscriptions() throws {
        var rig = try LinkRig.serving()
        rig.handle(.decided(.read(7, .connection)))
        #expect(
            rig.filters == [
                "presence/bridge/presence-bridge", "presence/bridge/presence-bridge/mark",
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

    // MARK: - Publishing

    @Test("No more is on its way than broker and library take, and each acknowledgement makes room")
    func window() throws {
        var rig = try LinkRig.serving { $0.receiveMaximum = 3 }
        for number in 1...5 {
            rig.handle(.decided(.retain(.status(Name(checked: "u\(number)")), [1])))
        }
        #expect(rig.published.count == 3)
        let states = [
            TransportState(isConnected: true, unacknowledged: 2),
            TransportState(isConnected: true, unacknowledged: 3),
            TransportState(isConnected: true, wantsWrite: true), TransportState(),
        ]
        let canPump = states.map { rig.canPump($0) }
        #expect(canPump == [true, false, false, false])
        rig.acknowledge { $0.topic.hasSuffix("u1") }
        rig.pump()
        #expect(rig.published.count == 4)
    }

    @Test("What the library does not take makes room, and is said once for each kind of topic")
    func tooLong() throws {
        var rig = try LinkRig.serving { $0.receiveMaximum = 1 }
        rig.refuses = { packet in
            guard case .publish(let message) = packet, message.payload.count > 1 else { return nil }
            return .messageTooLarge(bytes: message.payload.count)
        }
        rig.handle(.decided(.retain(.status(Name(checked: "a")), [1])))
        rig.pump()
        for user in ["b", "c"] {
            rig.handle(.decided(.retain(.status(Name(checked: user)), [1, 2])))
        }
        rig.handle(.decided(.retain(.status(Name(checked: "d")), [1])))
        rig.acknowledge()
        rig.pump()
        #expect(rig.topics == ["presence/status/a", "presence/status/d"])
        #expect(rig.lines.count { $0.contains("is longer than the") } == 1)
    }

    @Test("An answer that the broker refuses for its length is told to the core")
    func refusedAnswer() throws {
        var rig = try LinkRig.serving()
        let reply = Reply(
            topic: "presence/response/a/b",
            payload: [1],
            qos: 1,
            correlationData: [2]
        )
        rig.handle(.decided(.reply(reply)))
        rig.acknowledge(.packetTooLarge)
        #expect(rig.told.contains(.answerRefused(reply)))
    }

    @Test("The core is told once that the broker does not keep up, and once that it does again")
    func congestion() throws {
        var rig = try LinkRig.serving()
        for number in 1...20_101 {
            rig.handle(.decided(.notify([Name(checked: "w")], Array("\(number)".utf8))))
        }
        rig.reportLoad()
        rig.reportLoad()
        #expect(rig.told == [.brokerCongested(true)])
        rig.handle(.happened(.closed(.lost("x"))))
        rig.reportLoad()
        #expect(rig.told == [.brokerCongested(true), .brokerLost, .brokerCongested(false)])
    }

    // MARK: - What gets lost

    @Test("A broker that talks for ten seconds and does not acknowledge is called anew")
    func lostAcknowledgements() throws {
        for talks in [true, false] {
            var rig = try LinkRig.serving()
            rig.handle(.decided(.retain(.status(Name(checked: "a")), [1])))
            for _ in 1...12 {
                rig.step(after: 1_000)
                if talks { rig.hear("presence/request/a/b/get", "{}") }
            }
            #expect(rig.told.contains(.brokerLost) == talks)
            #expect(rig.lines.contains { $0.contains("has not acknowledged") } == talks)
        }
    }

    @Test(
        "The echo of a topic that was emptied is the bridge's own by MQTT 3.1.1, once for each time"
    )
    func ownClears() throws {
        var rig = try LinkRig.serving(["--mqtt_version", "3.1.1"]) {
            $0.subscriptionIdentifiersAvailable = false
        }
        rig.handle(.decided(.clear(.device(Name(checked: "a"), Name(checked: "b")))))
        rig.hear("presence/device/a/b")
        rig.hear("presence/device/a/b")
        let writers = rig.told.map { input -> String? in
            guard case .deviceReported(let report) = input else { return nil }
            return report.by
        }
        #expect(writers == ["presence-bridge", nil])
    }
}
