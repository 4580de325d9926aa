import Mosquitto
import Presence
import PresenceAdoption
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("Users that are described to Home Assistant, over a connection")
struct ExportedUsersTests {
    private let filter = "homeauto/device/presence/+/config"
    private let topic = "homeauto/device/presence/bob/config"

    /// A connection on which this process serves, and on which nothing is on its way.
    private func serving(_ lines: String..., hasIdentifiers: Bool = true) throws -> LinkRig {
        let plan = try AdoptionPlan(lines.map { try AdoptionLine($0) }, topicPrefix: "presence")
        // As long as the own prefix is: what follows it must not be taken for a topic of the protocol.
        let export = try ExportPlan("home-assistant prefix=homeauto", topicPrefix: "presence")
        var rig = try LinkRig { ($0.adoption, $0.export) = (plan, export) }
        rig.step()
        var acknowledgement = Acknowledgement()
        acknowledgement.subscriptionIdentifiersAvailable = hasIdentifiers
        rig.handle(.happened(.connected(acknowledgement)))
        rig.pump()
        rig.find()
        rig.handle(.decided(.serve(epoch: 1, grace: 60)))
        for _ in 1...5 {
            rig.acknowledge()
            rig.pump()
        }
        rig.forget()
        return rig
    }

    @Test("What is retained for them is read once, and is nobody else's", arguments: [true, false])
    func reading(_ hasIdentifiers: Bool) throws {
        var rig = try serving("discovery prefix=homeauto", hasIdentifiers: hasIdentifiers)
        rig.handle(.decided(.read(7, .discoveryMessages(filter))))
        #expect(rig.filters == [filter])
        var message = Message(topic: topic, payload: "{}", retain: true)
        if hasIdentifiers {
            message.properties.subscriptionIdentifiers = [
                try #require(rig.subscribed[0].identifier)
            ]
        }
        rig.handle(.happened(.message(message)))
        #expect(
            rig.told.first == .discoveryMessageFound(topic: topic, payload: Array("{}".utf8))
        )
        #expect(rig.told.count == (hasIdentifiers ? 1 : 2))
        rig.handle(.happened(.message(rig.ahead[0])))
        #expect(rig.told.last == .readingEnded(7))
        #expect(rig.unsubscribed == [filter])
    }

    @Test("The note is read beside the own state at a connection, and is not taken for news later")
    func note() throws {
        var rig = try serving()
        rig.handle(.decided(.read(7, .connection)))
        #expect(rig.filters.contains("presence/bridge/presence-bridge/export"))
        rig.hear("presence/bridge/presence-bridge/export", "ha", retain: true)
        #expect(rig.told == [.exportNoteFound("ha")])
        rig.forget()
        rig.hear("presence/bridge/presence-bridge/export", "homeauto")
        #expect(rig.told == [])
    }

    @Test(
        "What the bridge writes is retained; a broker that refuses it is named once, with the line for the ACL"
    )
    func writing() throws {
        var rig = try serving()
        for user in ["bob", "eve"] {
            let topic = "homeauto/device/presence/\(user)/config"
            rig.handle(.decided(.retain(.discoveryMessage(topic), Array("{}".utf8))))
        }
        rig.handle(.decided(.retain(.exportNote, Array("homeauto".utf8))))
        rig.pump()
        #expect(rig.topics.last == "presence/bridge/presence-bridge/export")
        #expect(rig.published.allSatisfy { $0.retain && $0.qos == 1 })
        rig.acknowledge(.notAuthorized) { $0.topic.hasPrefix("homeauto/") }
        #expect(rig.lines.count == 1)
        #expect(rig.lines.first?.contains("read and write \(filter)") == true)
        #expect(rig.lines.first?.contains("topic readwrite \(filter)") == true)
        rig.handle(.decided(.read(7, .discoveryMessages(filter))))
        rig.answer(filter, .notAuthorized)
        #expect(rig.lines.count == 1)
    }

    @Test("A command goes to its topic as it is, and is not retained")
    func command() throws {
        var rig = try serving()
        rig.handle(.decided(.command("spBv1.0/g/NCMD/n", [1, 2])))
        rig.pump()
        #expect(rig.published == [Message(topic: "spBv1.0/g/NCMD/n", payload: [1, 2])])
    }
}
