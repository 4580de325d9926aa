import Logging
import Mosquitto
import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("Telling many at one go")
struct FanningOutTests {
    private static let control = "$CONTROL/presence/v1"
    /// The plugin's answer, which comes below the client id.
    private func answer(to link: Link) -> Message {
        Message(topic: link.pluginTopic, payload: #"{"fanout":1}"#, qos: 1)
    }

    @Test("With the plugin every watcher is in one message and one alone, in their order")
    func many() throws {
        let (link, broker) = try connected()
        broker.events = [.message(answer(to: link))]
        receive(link)
        let watchers = (1...2_500).map { Name(checked: "w\($0)") }
        link.notify(watchers, Array("[1]".utf8))
        let messages = broker.published.filter { $0.topic == Self.control }
        #expect(messages.count == 3)
        let told = try messages.flatMap { message -> [Name] in
            guard case .fanOut(let fanOut) = try ControlMessage(reading: message.payload.span)
            else { return [] }
            #expect(message.qos == 1)
            #expect(message.payload[fanOut.payload].elementsEqual("[1]".utf8))
            return fanOut.names
        }
        #expect(told == watchers)
        #expect(broker.told.isEmpty)
    }

    @Test("One alone, and what is too long to share a message, is published as it is")
    func few() throws {
        let (link, broker) = try connected()
        broker.events = [.message(answer(to: link))]
        receive(link)
        link.notify([Name(checked: "alone")], Array("[1]".utf8))
        let long = [UInt8](repeating: 0x20, count: 65_530)
        link.notify([Name(checked: "a"), Name(checked: "b")], long)
        #expect(broker.told == ["alone", "a", "b"])
        #expect(!broker.published.contains { $0.topic == Self.control })
    }

    @Test("No message is longer than the broker takes")
    func bounded() throws {
        let (link, broker) = try connected { $0.maximumPacketSize = 300 }
        broker.events = [.message(answer(to: link))]
        receive(link)
        link.notify((1...100).map { Name(checked: "w\($0)") }, Array("[1]".utf8))
        #expect(broker.published.count > 1)
        #expect(broker.published.allSatisfy { $0.payload.count + $0.topic.utf8.count < 300 })
    }

    @Test(
        "A broker that takes next to nothing gets what is published to each",
        arguments: [1, 36, 80]
    )
    func tiny(_ most: UInt32) throws {
        let (link, broker) = try connected { $0.maximumPacketSize = most }
        broker.events = [.message(answer(to: link))]
        receive(link)
        link.notify(["a", "b"].map { Name(checked: $0) }, Array("[1]".utf8))
        #expect(broker.told == ["a", "b"])
    }

    @Test("What the broker refuses goes to each, and so does all that follows")
    func refused() throws {
        let (link, broker) = try connected()
        broker.events = [.message(answer(to: link))]
        receive(link)
        let watchers = ["a", "b"].map { Name(checked: $0) }
        link.notify(watchers, Array("[1]".utf8))
        #expect(broker.told.isEmpty)
        broker.events = [.published(packetID: broker.lastPacket, reason: .packetTooLarge)]
        receive(link)
        #expect(broker.told == ["a", "b"])
        link.notify(watchers, Array("[2]".utf8))
        #expect(broker.told == ["a", "b", "a", "b"])
    }

    @Test("Without an answer, or with one of another version, each is told by a message")
    func absent() throws {
        let (link, broker) = try connected()
        var other = answer(to: link)
        other.payload = Array(#"{"fanout":2}"#.utf8)
        broker.events = [.message(other)]
        receive(link)
        link.notify(["a", "b"].map { Name(checked: $0) }, Array("[1]".utf8))
        #expect(broker.told == ["a", "b"])
    }

    private func overtaken(_ link: Link) -> Message {
        Message(topic: link.pluginTopic, payload: #"{"fanout":1,"overtaken":true}"#, qos: 1)
    }

    private func done(_ link: Link) -> Message {
        Message(topic: link.pluginTopic, payload: #"{"done":true}"#, qos: 1)
    }

    @Test("Where it would be overtaken every event goes by the plugin, and the rest waits for it")
    func waiting() throws {
        let (link, broker) = try connected()
        broker.events = [.message(overtaken(link))]
        receive(link)
        let retained = Message(topic: "presence/status/bob", payload: "{}", qos: 1, retain: true)
        link.notify(["a", "b"].map { Name(checked: $0) }, Array("[1]".utf8))
        link.notify([Name(checked: "alone")], Array("[2]".utf8))
        link.publish(retained)
        link.notify([Name(checked: "alone")], Array("[3]".utf8))
        #expect(broker.published.map(\.topic) == [Self.control, Self.control])
        #expect(!link.canPump)
        // That the broker has them says nothing.
        broker.events = (1...2).map {
            .published(packetID: broker.lastPacket + 1 - $0, reason: .success)
        }
        broker.events += [.message(done(link))]
        receive(link)
        #expect(broker.published.count == 2)
        broker.events = [.message(done(link))]
        receive(link)
        let topics = broker.published.map(\.topic)
        #expect(topics == [Self.control, Self.control, retained.topic, Self.control])
    }

    @Test("What waits for a fan-out goes when that is refused, or its end was lost")
    func waitingInVain() throws {
        for isRefused in [true, false] {
            let (link, broker) = try connected()
            broker.events = [.message(overtaken(link))]
            receive(link)
            link.notify(["a", "b"].map { Name(checked: $0) }, Array("[1]".utf8))
            link.publish(Message(topic: "presence/status/bob", payload: "{}", qos: 1, retain: true))
            #expect(broker.published.count == 1)
            let reason = isRefused ? ReasonCode.packetTooLarge : .success
            broker.events = [.published(packetID: broker.lastPacket, reason: reason)]
            receive(link)
            var inputs: [Input] = []
            for second: Int64 in isRefused ? [] : [1, 2, 3] {
                #expect(broker.published.count == 1)
                link.step(at: Instant(uptime: second * 1_000, unix: 0), &inputs)
            }
            link.pump()
            #expect(broker.published.map(\.topic).contains("presence/status/bob"))
            #expect(broker.told == (isRefused ? ["a", "b"] : []))
        }
    }

    @Test("What was stated is asked where there is a plugin, and the answer is the core's")
    func stated() throws {
        for isThere in [true, false] {
            let (link, broker) = try connected()
            broker.events = isThere ? [.message(answer(to: link))] : []
            receive(link)
            link.askForStated()
            let asked = broker.published.filter { $0.topic == Self.control }.map(\.payload)
            #expect(asked == (isThere ? [ControlMessage.questionOfStated] : []))
            // It greets once more.
            var list = answer(to: link)
            list.payload = Array(#"{"stated":["bob/lamp"]}"#.utf8)
            broker.events = [.message(answer(to: link)), .message(list)]
            let lamp = DeviceKey(Name(checked: "bob"), Name(checked: "lamp"))
            #expect(receive(link) == [.statedSinceStart([lamp])])
        }
    }

    @Test("Nothing waits for the answer to what was stated, and its refusal refuses no events")
    func statedIsNoFanOut() throws {
        let (link, broker) = try connected()
        broker.events = [.message(overtaken(link))]
        receive(link)
        link.askForStated()
        link.publish(Message(topic: "presence/status/bob", payload: "{}", qos: 1, retain: true))
        #expect(broker.published.map(\.topic) == [Self.control, "presence/status/bob"])
        broker.events = [.published(packetID: broker.lastPacket - 1, reason: .packetTooLarge)]
        receive(link)
        link.notify([Name(checked: "alone")], Array("[1]".utf8))
        #expect(broker.told == [])
        #expect(broker.published.last?.topic == Self.control)
    }

    // MARK: - The link, and what it is connected to

    /// A connection that is accepted, and notes what is published.
    private func connected(
        _ change: (inout Acknowledgement) -> Void = { _ in }
    ) throws -> (Link, Notepad) {
        let notepad = Notepad()
        let link = Link(
            try Configuration.load(Configuration.Origin(arguments: [])).settings,
            dial: { _ throws(MosquittoError) in notepad },
            random: SystemRandomNumberGenerator(),
            started: Instant(uptime: 0, unix: 1_000),
            second: 1,
            log: Logger(label: "link") { _ in SwiftLogNoOpLogHandler() }
        )
        var inputs: [Input] = []
        link.step(at: Instant(uptime: 0, unix: 1_000), &inputs)
        var acknowledgement = Acknowledgement()
        change(&acknowledgement)
        notepad.events = [.connected(acknowledgement)]
        receive(link)
        #expect(notepad.published.first?.topic == Self.control)
        #expect(notepad.published.last?.topic == link.topics.duty(link.bridgeID))
        notepad.events = (1...notepad.lastPacket).map {
            .published(packetID: $0, reason: .success)
        }
        notepad.events += notepad.published.dropFirst().map(Event.message)
        receive(link)
        notepad.published = []
        return (link, notepad)
    }

    @discardableResult
    private func receive(_ link: Link) -> [Input] {
        var inputs: [Input] = []
        _ = link.receive(at: Instant(uptime: 0, unix: 1_000), &inputs)
        return inputs
    }
}
