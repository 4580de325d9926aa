import Testing

@testable import PresenceBridge

@Suite("How long a payload the broker takes")
struct PayloadMeasureTests {
    /// Tries what is to be tried, with a broker that takes so many bytes; returns how often.
    private func measure(_ measure: inout PayloadMeasure, from first: Int, broker: Int) -> Int {
        var tries = 0
        var length: Int? = first
        while let tried = length, tries < 100 {
            tries += 1
            if tried <= broker { measure.take(tried) } else { measure.refuse(tried) }
            length = measure.next
        }
        return tries
    }

    @Test("A broker that takes the longest event is asked once, and has no limit")
    func unlimited() {
        var measure = PayloadMeasure()
        #expect(self.measure(&measure, from: 65_536, broker: .max) == 1)
        #expect(measure.limit == nil)
        #expect(measure.next == nil)
    }

    @Test(
        "A limit is found from below, to a sixteenth, in few tries",
        arguments: [0, 1, 20, 300, 2_000, 65_535]
    )
    func limited(_ broker: Int) throws {
        var measure = PayloadMeasure()
        #expect(self.measure(&measure, from: 65_536, broker: broker) < 20)
        let limit = try #require(measure.limit)
        #expect(limit <= broker)
        #expect(limit >= broker - max(1, broker / 10))
    }

    @Test("While it is measured, less than was refused is taken for possible")
    func meanwhile() {
        var measure = PayloadMeasure()
        measure.refuse(1_000)
        #expect(measure.limit == 999)
        measure.take(970)
        #expect(measure.limit == 970)
    }

    @Test(
        "Where each refusal ends the connection, there are few of them",
        arguments: [1_100, 2_000, 20_000, 65_000]
    )
    func endings(_ broker: Int) throws {
        var measure = PayloadMeasure()
        var length: Int? = 65_536
        var endings = 0
        while let tried = length, endings < 10 {
            if tried <= broker {
                measure.take(tried)
            } else {
                endings += 1
                measure.end(sending: tried)
            }
            length = measure.next
        }
        #expect(endings < 4)
        #expect((broker / 4...broker).contains(try #require(measure.limit)))
        // An answer that is longer than the longest event.
        measure.end(sending: 100_000)
        #expect(measure.limit ?? 0 <= broker)
    }

    @Test("What is short, or was taken before, is not what ended a connection")
    func otherEndings() {
        var measure = PayloadMeasure()
        measure.end(sending: 200)
        #expect(measure.limit == nil)
        measure.take(65_536)
        measure.end(sending: 3_000)
        #expect(measure.limit == nil && !measure.endsConnections)
    }

    @Test("What is refused later counts more than what was taken")
    func later() {
        var measure = PayloadMeasure()
        measure.take(65_536)
        measure.refuse(200_000)
        #expect(measure.next != nil)
        measure.refuse(10_000)
        #expect(measure.taken < 10_000)
        #expect(self.measure(&measure, from: measure.next ?? 0, broker: 5_000) < 20)
        #expect((4_500...5_000).contains(measure.limit ?? 0))
    }
}
