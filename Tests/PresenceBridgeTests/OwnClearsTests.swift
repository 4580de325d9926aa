import Mosquitto
import Presence
import Testing

@testable import PresenceBridge

@Suite("Own clears")
struct OwnClearsTests {
    private let topics = Topics()
    private var clears = OwnClears()

    private func topic(_ number: Int) -> String { "presence/device/user\(number)/phone" }

    private mutating func clear(_ number: Int) {
        clears.note(Message(topic: topic(number), payload: "", retain: true), topics)
    }

    @Test("Each clear has one echo, also where other topics were emptied in between")
    mutating func once() {
        clear(0)
        for number in 1...LinkBounds.echoes / 2 { clear(number) }
        clear(0)
        let echoes = (1...3).map { _ in clears.take(topic(0)) }
        #expect(echoes == [true, true, false])
    }

    @Test("Where no echo comes, at most so many are awaited, and the latest are")
    mutating func bound() {
        let last = 3 * LinkBounds.echoes
        for number in 1...last { clear(number) }
        let known = (1...last).filter { clears.take(topic($0)) }
        #expect(known.count <= LinkBounds.echoes)
        #expect(known.suffix(LinkBounds.echoes / 2).first == last - LinkBounds.echoes / 2 + 1)
    }

    @Test("No echo is awaited of what is not retained, not empty, or on a topic of another kind")
    mutating func others() {
        let messages = [
            Message(topic: topic(1), payload: "", retain: false),
            Message(topic: topic(1), payload: "{}", retain: true),
            Message(topic: "presence/status/user1", payload: "", retain: true),
        ]
        for message in messages {
            clears.note(message, topics)
            let isEcho = clears.take(message.topic)
            #expect(!isEcho)
        }
    }
}
