import Mosquitto
import Presence
import PresenceAdoption
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("Adopted topics over a connection")
struct AdoptedTopicsTests {
    /// A connection on which this process serves and adopts, and on which nothing is on its way.
    private func serving(_ lines: String..., hasIdentifiers: Bool = true) throws -> LinkRig {
        let plan = try AdoptionPlan(lines.map { try AdoptionLine($0) }, topicPrefix: "presence")
        var rig = try LinkRig { $0.adoption = plan }
        rig.step()
        var acknowledgement = Acknowledgement()
        acknowledgement.subscriptionIdentifiersAvailable = hasIdentifiers
        rig.handle(.happened(.connected(acknowledgement)))
        rig.pump()
        rig.find()
        rig.handle(.decided(.serve(epoch: 1, grace: 60)))
        rig.acknowledge()
        rig.forget()
        return rig
    }

    private func heard(_ topic: String, isFound: Bool, _ reading: ReadingID? = nil) -> Input {
        .adoptedHeard(
            AdoptedMessage(
                topic: topic,
                payload: Array("Online".utf8),
                isFound: isFound,
                reading: reading
            )
        )
    }

    private func message(_ topic: String, retain: Bool, by identifier: UInt32) -> LinkInput {
        var message = Message(topic: topic, payload: "Online", retain: retain)
        message.properties.subscriptionIdentifiers = [identifier]
        return .happened(.message(message))
    }

    @Test("They are read before the devices, and with every reading of everything")
    func subscriptions() throws {
        var rig = try serving("tasmota", "frigate qos=1")
        rig.handle(.decided(.read(7, .connection)))
        #expect(rig.subscribed.map(\.identifier) == [5, 3, 2, 6, 6, 1])
        let last = "presence/bridge/presence-bridge/probe/last"
        #expect(rig.subscribed[3].filters == ["tele/+/LWT", "tele/+/DEEPSLEEP", last])
        #expect(rig.subscribed[4].filters == ["frigate/available"])
        #expect(rig.subscribed.map(\.options.qos)[3...4] == [0, 1])
        #expect(!rig.subscribed[3].options.retainAsPublished)
        rig.forget()
        rig.handle(.decided(.read(8, .everyDevice)))
        #expect(rig.subscribed.map(\.identifier) == [6, 6, 1])
        rig.forget()
        rig.handle(.decided(.read(9, .users([Name(checked: "bob")]))))
        #expect(rig.subscribed.count == 1)
    }

    @Test("What is found is told apart from what is live, by the retain flag")
    func flags() throws {
        var rig = try serving("tasmota")
        rig.handle(.decided(.read(7, .connection)))
        rig.forget()
        rig.handle(message("tele/plug/LWT", retain: true, by: 6))
        rig.handle(message("tele/plug/LWT", retain: false, by: 6))
        #expect(
            rig.told == [
                heard("tele/plug/LWT", isFound: true), heard("tele/plug/LWT", isFound: false),
            ]
        )
    }

    @Test("Single topics are asked for alone, and what is live meanwhile comes once")
    func alone() throws {
        var rig = try serving("tasmota")
        rig.handle(.decided(.read(9, .adopted(["tele/plug/LWT"]))))
        #expect(rig.filters == ["tele/plug/LWT"])
        let identifier = try #require(rig.subscribed.first?.identifier)
        rig.handle(message("tele/plug/LWT", retain: true, by: identifier))
        rig.handle(message("tele/plug/LWT", retain: false, by: identifier))
        rig.handle(message("tele/plug/LWT", retain: false, by: 6))
        rig.handle(.happened(.message(rig.ahead[0])))
        #expect(
            rig.told == [
                heard("tele/plug/LWT", isFound: true, 9), heard("tele/plug/LWT", isFound: false),
                .readingEnded(9),
            ]
        )
        #expect(rig.unsubscribed == ["tele/plug/LWT"])
        #expect(rig.published == [])
    }

    @Test("A topic that has a subscription of its own is asked for by that, which stays")
    func single() throws {
        var rig = try serving("tasmota", "frigate qos=1")
        rig.handle(.decided(.read(9, .adopted(["tele/plug/LWT", "frigate/available"]))))
        #expect(rig.subscribed.map(\.filters) == [["frigate/available"], ["tele/plug/LWT"]])
        #expect(rig.subscribed[0].identifier == 6)
        #expect(rig.subscribed[0].options.qos == 1)
        rig.handle(.happened(.message(rig.ahead[0])))
        #expect(rig.unsubscribed == ["tele/plug/LWT"])
    }

    @Test("A broker without identifiers tells by the retain flag alone")
    func withoutIdentifiers() throws {
        var rig = try serving("tasmota", hasIdentifiers: false)
        rig.handle(
            .decided(.read(8, .devices([DeviceKey(Name(checked: "bob"), Name(checked: "phone"))])))
        )
        rig.handle(.decided(.read(9, .adopted(["tele/plug/LWT"]))))
        rig.hear("tele/plug/LWT", "Online", retain: true)
        rig.hear("tele/plug/LWT", "Online")
        #expect(
            rig.told == [
                heard("tele/plug/LWT", isFound: true, 9), heard("tele/plug/LWT", isFound: false),
            ]
        )
    }

    @Test("A subscription that is refused is named with the line for the ACL, and ends nothing")
    func refusal() throws {
        var rig = try serving("tasmota")
        rig.handle(.decided(.read(7, .connection)))
        rig.answer("tele/+/LWT", .notAuthorized)
        #expect(rig.lines.contains { $0.contains("topic read tele/+/LWT") })
        #expect(rig.phase == .connected)
    }

    @Test("Without adopt lines nothing is subscribed, and nobody else's message is told")
    func nothing() throws {
        var rig = try serving()
        rig.handle(.decided(.read(7, .connection)))
        #expect(rig.subscribed.map(\.identifier) == [5, 3, 2, 1])
        rig.forget()
        rig.hear("tele/plug/LWT", "Online")
        #expect(rig.told == [])
    }
}
