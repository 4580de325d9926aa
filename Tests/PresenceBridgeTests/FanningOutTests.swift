import Mosquitto
import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("Telling many at one go")
struct FanningOutTests {
    private static let control = "$CONTROL/presence/v1"

    /// A bridge that serves at a broker whose plugin has answered.
    private func serving(
        _ answer: String? = #"{"fanout":1}"#,
        _ change: (inout Acknowledgement) -> Void = { _ in }
    ) throws -> LinkRig {
        var rig = try LinkRig.serving([], change)
        // Only the plugin can write there.
        if let answer { rig.hear(rig.pluginTopic, answer) }
        return rig
    }

    private func tell(_ watchers: String..., payload: String = "[1]") -> LinkInput {
        .decided(.notify(watchers.map { Name(checked: $0) }, Array(payload.utf8)))
    }

    private let status = Effect.retain(.status(Name(checked: "bob")), Array("{}".utf8))

    @Test("The plugin is asked for with MQTT 5, unless the operator does not want it")
    func question() throws {
        let asks: [([String], Bool)] = [
            ([], true), (["--mqtt_version", "3.1.1"], false), (["--broker_plugin", "off"], false),
        ]
        for (arguments, isAsked) in asks {
            let rig = try LinkRig.connected(arguments)
            #expect(rig.topics.contains(Self.control) == isAsked)
        }
    }

    @Test("With the plugin every watcher is in one message and one alone, in their order")
    func many() throws {
        var rig = try serving()
        let watchers = (1...2_500).map { Name(checked: "w\($0)") }
        rig.handle(.decided(.notify(watchers, Array("[1]".utf8))))
        let messages = rig.published.filter { $0.topic == Self.control }
        #expect(messages.count == 3)
        let told = try messages.flatMap { message -> [Name] in
            guard case .fanOut(let fanOut) = try ControlMessage(reading: message.payload.span)
            else { return [] }
            #expect(message.qos == 1)
            #expect(message.payload[fanOut.payload].elementsEqual("[1]".utf8))
            return fanOut.names
        }
        #expect(told == watchers)
        #expect(rig.watchers.isEmpty)
    }

    @Test("One alone, and what is too long to share a message, is published as it is")
    func few() throws {
        var rig = try serving()
        rig.handle(tell("alone"))
        rig.handle(tell("a", "b", payload: String(repeating: " ", count: 65_530)))
        #expect(rig.watchers == ["alone", "a", "b"])
        #expect(!rig.topics.contains(Self.control))
    }

    @Test("No message is longer than the broker takes")
    func bounded() throws {
        var rig = try serving { $0.maximumPacketSize = 300 }
        let watchers = (1...100).map { Name(checked: "w\($0)") }
        rig.handle(.decided(.notify(watchers, Array("[1]".utf8))))
        #expect(rig.published.count > 1)
        #expect(rig.published.allSatisfy { $0.payload.count + $0.topic.utf8.count < 300 })
    }

    @Test(
        "A broker that takes next to nothing gets what is published to each",
        arguments: [1, 36, 80]
    )
    func tiny(_ most: UInt32) throws {
        var rig = try serving { $0.maximumPacketSize = most }
        rig.handle(tell("a", "b"))
        #expect(rig.watchers == ["a", "b"])
    }

    @Test("What the broker refuses goes to each, and so does all that follows")
    func refused() throws {
        var rig = try serving()
        rig.handle(tell("a", "b"))
        #expect(rig.watchers.isEmpty)
        rig.acknowledge(.packetTooLarge)
        #expect(rig.watchers == ["a", "b"])
        rig.handle(tell("a", "b"))
        #expect(rig.watchers == ["a", "b", "a", "b"])
    }

    @Test(
        "Without an answer, or with one of another version, each is told by a message",
        arguments: [nil, #"{"fanout":2}"#]
    )
    func absent(_ answer: String?) throws {
        var rig = try serving(answer)
        rig.handle(tell("a", "b"))
        #expect(rig.watchers == ["a", "b"])
    }

    @Test("Where it would be overtaken every event goes by the plugin, and the rest waits for it")
    func waiting() throws {
        var rig = try serving(#"{"fanout":1,"overtaken":true}"#)
        rig.handle(tell("a", "b"), tell("alone"), .decided(status), tell("alone"))
        #expect(rig.topics == [Self.control, Self.control])
        let canPump = rig.canPump(TransportState(isConnected: true))
        #expect(!canPump)
        // That the broker has them says nothing.
        rig.acknowledge()
        rig.hear(rig.pluginTopic, #"{"done":true}"#)
        #expect(rig.published.count == 2)
        rig.hear(rig.pluginTopic, #"{"done":true}"#)
        #expect(rig.topics == [Self.control, Self.control, "presence/status/bob", Self.control])
    }

    @Test("What was stated is asked where there is a plugin, and the answer is the core's")
    func stated() throws {
        for isThere in [true, false] {
            var rig = try serving(isThere ? #"{"fanout":1}"# : nil)
            rig.handle(.decided(.askForStated))
            let asked = rig.published.filter { $0.topic == Self.control }.map(\.payload)
            #expect(asked == (isThere ? [ControlMessage.questionOfStated] : []))
            // It greets once more.
            rig.hear(rig.pluginTopic, #"{"fanout":1}"#)
            rig.hear(rig.pluginTopic, #"{"stated":["bob/lamp"]}"#)
            let lamp = DeviceKey(Name(checked: "bob"), Name(checked: "lamp"))
            #expect(rig.told == [.statedSinceStart([lamp])])
        }
    }

    @Test("Nothing waits for the answer to what was stated, and its refusal refuses no events")
    func statedIsNoFanOut() throws {
        var rig = try serving(#"{"fanout":1,"overtaken":true}"#)
        rig.handle(.decided(.askForStated), .decided(status))
        #expect(rig.topics == [Self.control, "presence/status/bob"])
        rig.acknowledge(.packetTooLarge) { $0.topic == Self.control }
        rig.handle(tell("alone"))
        #expect(rig.watchers == [] && rig.topics.last == Self.control)
    }

    @Test("What waits for a fan-out goes when that is refused, or its end was lost")
    func waitingInVain() throws {
        for isRefused in [true, false] {
            var rig = try serving(#"{"fanout":1,"overtaken":true}"#)
            rig.handle(tell("a", "b"), .decided(status))
            #expect(rig.published.count == 1)
            rig.acknowledge(isRefused ? .packetTooLarge : .success)
            for _ in isRefused ? [] : [1, 2, 3] {
                #expect(rig.published.count == 1)
                rig.step(after: 1_000)
            }
            rig.pump()
            #expect(rig.topics.contains("presence/status/bob"))
            #expect(rig.watchers == (isRefused ? ["a", "b"] : []))
        }
    }
}
