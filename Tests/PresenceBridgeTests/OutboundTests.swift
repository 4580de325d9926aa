import Mosquitto
import Testing

@testable import PresenceBridge

@Suite("What waits to be published")
struct OutboundTests {
    private func drain(_ outbound: inout Outbound) -> [String] {
        var all: [String] = []
        while let message = outbound.popFirst() { all.append("\(message.topic)=\(message.text)") }
        return all
    }

    private func retained(_ topic: String, _ payload: String) -> Message {
        Message(topic: topic, payload: payload, qos: 1, retain: true)
    }

    @Test("Newer retained content goes behind what was added before it")
    func order() {
        var outbound = Outbound()
        outbound.append(retained("status", "1"))
        outbound.append(Message(topic: "event", payload: "2"))
        outbound.append(retained("status", "2"))
        outbound.append(Message(topic: "event", payload: "3"))
        #expect(outbound.load.count == 3)
        #expect(drain(&outbound) == ["event=2", "status=2", "event=3"])
        #expect(outbound.load.count == 0)
        outbound.append(retained("status", "4"))
        #expect(drain(&outbound) == ["status=4"])
    }

    @Test("A topic that changes again and again takes no more room")
    func bound() {
        var outbound = Outbound()
        for number in 0..<10 { outbound.append(Message(topic: "event", payload: "\(number)")) }
        for number in 0..<10_000 { outbound.append(retained("status\(number % 5)", "\(number)")) }
        #expect(outbound.load.count == 15)
        #expect(outbound.places <= 30)
        let statuses = (0..<5).map { "status\($0)=\(9_995 + $0)" }
        #expect(drain(&outbound) == (0..<10).map { "event=\($0)" } + statuses)
    }

    @Test("The count is that of the publishes that come out, whatever is added and taken")
    func count() {
        var outbound = Outbound()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            switch UInt8.random(in: 0..<5, using: &random) {
            case 0: outbound.append(Message(topic: "event", payload: ""))
            case 1, 2: outbound.append(retained("status\(Int.random(in: 0..<8))", ""))
            default:
                let before = outbound.load.count
                #expect((outbound.popFirst() == nil) == (before == 0))
                #expect(outbound.load.count == max(0, before - 1))
            }
        }
        let left = outbound.load.count
        #expect(drain(&outbound).count == left)
        outbound.append(retained("status0", ""))
        outbound.removeAll()
        #expect(outbound.load.count == 0)
        #expect(outbound.popFirst() == nil)
    }
}
