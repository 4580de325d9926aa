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
