import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("What is kept of discovery messages")
struct DiscoveredTableTests {
    /// A table that takes messages of one device each.
    private struct Rig {
        var table: DiscoveredTable
        private var hashes = 0

        init(_ bounds: AdoptionBounds = AdoptionBounds()) { table = DiscoveredTable(bounds) }

        /// The message of a device, which goes by one word of a topic's JSON.
        mutating func describe(
            _ message: String,
            _ id: String,
            named name: String? = nil,
            topic: String? = nil,
            path: String = "state"
        ) -> DiscoveredTable.Outcome {
            let words = WordList(on: ["a"], off: ["b"], path: [path])
            let source = DiscoveredSource(topic: topic ?? "t/\(id)", words: words)
            let device = DiscoveredDevice(
                id: id,
                name: name,
                availabilities: [DiscoveredAvailability(mode: .latest, sources: [source])]
            )
            hashes += 1
            return table.describe(
                ExactText(message),
                [(device, Self.key(device.name))],
                hash: hashes,
                by: 0,
                qos: 0,
                reading: 1
            ) { _ in false }
        }

        /// A message is emptied.
        mutating func clear(_ message: String) -> DiscoveredTable.Outcome {
            table.describe(ExactText(message), [], hash: nil, by: 0, qos: 0, reading: 1) { _ in
                false
            }
        }

        /// Whether the last message that came is remembered as it was.
        func has(_ message: String) -> Bool { table.has(ExactText(message), hash: hashes) }

        static func key(_ name: String) -> DeviceKey {
            DeviceKey(Name(checked: name), Name(checked: "d"))
        }

        /// What each device is called; `-` for one whose name another one has.
        var names: [String] {
            (1..<10).compactMap { number in
                table[number].map { "\($0.id.text)=\($0.key?.user.text ?? "-")" }
            }.sorted()
        }
    }

    @Test("Whoever describes ever more is bounded: in devices, in messages and in bytes")
    func bounds() {
        #expect(AdoptionBounds().devices == 250_000)
        func refused(_ change: (inout AdoptionBounds) -> Void) -> Int {
            var bounds = AdoptionBounds()
            change(&bounds)
            var rig = Rig(bounds)
            return (1...30).count { rig.describe("m/\($0)", "\($0)").isFull }
        }
        #expect(refused { $0.devices = 20 } == 10)
        #expect(refused { $0.messages = 20 } == 10)
        #expect((10...20).contains(refused { $0.bytes = 10_000 }))
        #expect(refused { _ in } == 0)
    }

    @Test(
        "A device that comes and goes leaves no room behind it, and one that is known is found when all is full"
    )
    func comingAndGoing() {
        var bounds = AdoptionBounds()
        bounds.bytes = 100_000
        var rig = Rig(bounds)
        let long = String(repeating: "x", count: 1_000)
        func isFull(_ number: Int) -> Bool {
            rig.describe("m/\(number)", "\(number)", path: long).isFull
        }
        for number in 1...200 {
            #expect(!isFull(number))
            _ = rig.clear("m/\(number)")
        }
        let last = (1...200).first { isFull($0) } ?? 0
        #expect((40...80).contains(last))
        // One that is known is found all the same.
        #expect(!isFull(1))
        for number in 1...last { _ = rig.clear("m/\(number)") }
        #expect(!isFull(last))
    }

    @Test("A message of which a part found no room is taken anew when it is found again")
    func fullAgain() {
        var bounds = AdoptionBounds()
        bounds.devices = 1
        var rig = Rig(bounds)
        #expect(!rig.describe("m/1", "1").isFull)
        #expect(rig.has("m/1"))
        #expect(rig.describe("m/2", "2").isFull)
        #expect(!rig.has("m/2"))
        _ = rig.clear("m/1")
        #expect(!rig.describe("m/2", "2").isFull)
        #expect(rig.has("m/2"))
    }

    @Test("A topic is read in so many ways, each of them whole, and in one more once there is room")
    func ways() {
        var bounds = AdoptionBounds()
        bounds.ways = 3
        var rig = Rig(bounds)
        for number in 1...3 {
            let id = "\(number)"
            #expect(rig.describe("m/\(id)", id, topic: "gw/s", path: "p\(id)").crowded.isEmpty)
            // What is retained is asked for in each of the ways.
            #expect(rig.table.topics.takeChanges() == [.listens(TopicFilter("gw/s"))])
        }
        // A way that is known is open to everyone.
        #expect(rig.describe("m/9", "9", topic: "gw/s", path: "p1").crowded.isEmpty)
        #expect(rig.describe("m/4", "4", topic: "gw/s", path: "p4").crowded == ["gw/s"])
        #expect(!rig.has("m/4"))
        let text = #"{"p1":"a","p3":"b","p4":"a"}"#
        let heard = rig.table.topics.hear(
            ExactText("gw/s"),
            Payload(Array(text.utf8)),
            isFound: true,
            reading: 1
        )
        #expect(heard.words == [true, false])
        _ = rig.clear("m/2")
        #expect(rig.describe("m/4", "4", topic: "gw/s", path: "p4").crowded.isEmpty)
        #expect(rig.has("m/4"))
        _ = rig.clear("m/1")
        // Another device reads it so.
        #expect(rig.describe("m/5", "5", topic: "gw/s", path: "p5").crowded == ["gw/s"])
    }

    @Test("What devices are called does not depend on the order of the messages")
    func order() {
        // The second device is called as the first one is, one message has no name, and one has another.
        let messages: [(message: String, id: String, name: String?)] = [
            ("m/1", "one", nil), ("m/2", "one", "Lamp"), ("m/3", "one", "Light"),
            ("m/4", "two", "Lamp"), ("m/5", "three", nil),
        ]
        for start in messages.indices {
            for step in [1, 2, 3, 4] {
                var rig = Rig()
                for place in messages.indices {
                    let next = messages[(start + place * step) % messages.count]
                    _ = rig.describe(next.message, next.id, named: next.name)
                }
                #expect(rig.names == ["one=Lamp", "three=three", "two=-"], "\(start), \(step)")
                // Whoever was called alike has the name when it is free.
                let outcome = rig.clear("m/2")
                #expect(rig.names == ["one=Light", "three=three", "two=Lamp"])
                #expect(outcome.gone == [Rig.key("Lamp")])
                #expect(outcome.changed.count == 2)
                for message in messages { _ = rig.clear(message.message) }
                #expect(rig.names == [])
            }
        }
    }
}
