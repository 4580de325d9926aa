import BrokerFixture
import Foundation
import Logging
import Mosquitto
import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("What the broker has not acknowledged")
struct InFlightTests {
    @Test("A broker that talks and does not acknowledge is called anew, one that is silent is not")
    func lost() throws {
        let broker = try TalkingBroker()
        let link = try connected(to: broker)
        var inputs: [Input] = []
        link.handle(retain([0x7B, 0x7D]), at: Instant(uptime: 0, unix: 0))
        link.transport?.write()
        // Silent: that is for the keep-alive.
        for second in 1...20 { step(link, second, &inputs) }
        #expect(link.isConnected)
        #expect(!inputs.contains(.brokerLost))
        try broker.say("17 seconds")
        try receive(link, 21) { $0.contains(.uptimeReported(17, isRetained: false)) }
        step(link, 22, &inputs)
        #expect(!link.isConnected)
        #expect(inputs.contains(.brokerLost))
    }

    @Test("What was acknowledged in time, and what was sent a moment ago, is not missed")
    func acknowledged() throws {
        let broker = try TalkingBroker()
        let link = try connected(to: broker)
        var inputs: [Input] = []
        link.handle(retain([0x7B, 0x7D]), at: Instant(uptime: 0, unix: 0))
        link.transport?.write()
        let packet = try broker.readPublish()
        try broker.write([0x40, 0x02] + packet)
        try broker.say("17 seconds")
        try receive(link, 1) { $0.contains(.uptimeReported(17, isRetained: false)) }
        for second in 2...30 { step(link, second, &inputs) }
        link.handle(retain([]), at: Instant(uptime: 30_000, unix: 0))
        try broker.say("47 seconds")
        try receive(link, 31) { $0.contains(.uptimeReported(47, isRetained: false)) }
        step(link, 32, &inputs)
        #expect(link.isConnected)
        #expect(!inputs.contains(.brokerLost))
    }

    @Test("What is retained may have waited before an acknowledgement, and proves nothing")
    func snapshot() throws {
        let broker = try TalkingBroker()
        let link = try connected(to: broker)
        var inputs: [Input] = []
        link.handle(retain([0x7B, 0x7D]), at: Instant(uptime: 0, unix: 0))
        link.transport?.write()
        for second in 1...20 {
            try broker.say("\(second) seconds", isRetained: true)
            try receive(link, second) {
                $0.contains(.uptimeReported(Int64(second), isRetained: true))
            }
            step(link, second, &inputs)
        }
        #expect(link.isConnected)
        #expect(!inputs.contains(.brokerLost))
    }

    // MARK: - Driving the link

    private func retain(_ payload: [UInt8]) -> LinkInput {
        .decided(.retain(.status(Name(checked: "bob")), payload))
    }

    private func connected(to broker: TalkingBroker) throws -> Link {
        let configuration = try Configuration.load(
            Configuration.Origin(
                arguments: [
                    "--host", "127.0.0.1", "--port", "\(broker.port)", "--broker_plugin", "off",
                ]
            )
        )
        let log = Logger(label: "link") { _ in SwiftLogNoOpLogHandler() }
        let machine = LinkMachine(
            configuration.settings,
            random: SystemRandomNumberGenerator(),
            started: Instant(uptime: 0, unix: 1),
            second: 1
        )
        let link = Link(
            machine,
            dial: { options throws(MosquittoError) in try Connection(options) },
            log: log
        )
        var inputs: [Input] = []
        step(link, 0, &inputs)
        link.transport?.write()
        try broker.accept()
        try receive(link, 0) { _ in link.isConnected }
        try broker.returnQuestion()
        try receive(link, 0) { $0.contains(.brokerFound) }
        return link
    }

    private func step(_ link: Link, _ second: Int, _ inputs: inout [Input]) {
        link.step(at: Instant(uptime: Int64(second) * 1_000, unix: 0))
        inputs += link.takeInputs()
    }

    /// Reads until something has come.
    private func receive(_ link: Link, _ second: Int, until isThere: ([Input]) -> Bool) throws {
        var inputs: [Input] = []
        for _ in 0..<1_000 {
            _ = link.receive(at: Instant(uptime: Int64(second) * 1_000, unix: 0))
            inputs += link.takeInputs()
            link.transport?.write()
            if isThere(inputs) { return }
            usleep(2_000)
        }
        Issue.record("it did not come; what came is \(inputs)")
    }
}

/// A listener that speaks just enough MQTT 5 to be told what to say, packet by packet.
private final class TalkingBroker {
    let port: UInt16
    private let listener: Int32
    private var connection: Int32 = -1

    init() throws { (listener, port) = try Ports.listen() }

    deinit {
        close(connection)
        close(listener)
    }

    /// Takes the call and its CONNECT, and answers CONNACK.
    func accept() throws {
        connection = Foundation.accept(listener, nil, nil)
        var bytes = [UInt8](repeating: 0, count: 1_024)
        try #require(read(connection, &bytes, bytes.count) > 0)
        try write([0x20, 0x03, 0x00, 0x00, 0x00])
    }

    /// Publishes the broker's uptime with QoS 0.
    func say(_ text: String, isRetained: Bool = false) throws {
        let topic = Array("$SYS/broker/uptime".utf8)
        let body = [0, UInt8(topic.count)] + topic + [0] + Array(text.utf8)
        try write([isRetained ? 0x31 : 0x30, UInt8(body.count)] + body)
    }

    /// Acknowledges all that is published, and lets it come back, up to the question who serves; but
    /// not what is only there to be long, on a topic that the bridge does not read.
    func returnQuestion() throws {
        while true {
            let (packet, topic, payload) = try readMessage()
            try write([0x40, 0x02] + packet)
            if topic.suffix(7) == Array("/length".utf8)[...] { continue }
            let body = [UInt8(topic.count >> 8), UInt8(topic.count & 0xFF)] + topic + [0] + payload
            let isRetained = topic.suffix(9) == Array("/retained".utf8)[...]
            try write([isRetained ? 0x31 : 0x30] + Self.length(body.count) + body)
            if topic.suffix(5) == Array("/duty".utf8)[...] { return }
        }
    }

    /// Reads packets up to the first PUBLISH of QoS 1, and returns its packet identifier.
    func readPublish() throws -> [UInt8] { try readMessage().packet }

    private func readMessage() throws -> (packet: [UInt8], topic: [UInt8], payload: [UInt8]) {
        while true {
            let (header, body) = try readPacket()
            guard header & 0xF6 == 0x32 else { continue }
            let end = 2 + (Int(body[0]) << 8 | Int(body[1]))
            return (Array(body[end..<(end + 2)]), Array(body[2..<end]), Array(body[(end + 3)...]))
        }
    }

    private var unread: [UInt8] = []

    private func readPacket() throws -> (header: UInt8, body: [UInt8]) {
        while true {
            if let last = unread.dropFirst().prefix(4).firstIndex(where: { $0 < 0x80 }) {
                var length = 0
                for byte in unread[1...last].reversed() { length = length << 7 | Int(byte & 0x7F) }
                let end = last + 1 + length
                if unread.count >= end {
                    defer { unread.removeFirst(end) }
                    return (unread[0], Array(unread[(last + 1)..<end]))
                }
            }
            var bytes = [UInt8](repeating: 0, count: 1_024)
            let count = read(connection, &bytes, bytes.count)
            try #require(count > 0)
            unread += bytes.prefix(count)
        }
    }

    private static func length(_ count: Int) -> [UInt8] {
        count < 128 ? [UInt8(count)] : [UInt8(count & 0x7F | 0x80)] + length(count >> 7)
    }

    func write(_ bytes: [UInt8]) throws {
        try #require(Foundation.write(connection, bytes, bytes.count) == bytes.count)
    }
}
