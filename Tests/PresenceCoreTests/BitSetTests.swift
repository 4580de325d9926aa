import Testing

@testable import PresenceCore

@Suite("Sets of small numbers")
struct BitSetTests {
    @Test("A random walk agrees with a plain set")
    func randomWalk() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            var (bits, plain) = (BitSet(), Set<Int>())
            for _ in 0..<300 {
                let number = Int.random(in: 0..<400, using: &random)
                let isMember = Bool.random(using: &random)
                bits.set(number, to: isMember)
                if isMember { plain.insert(number) } else { plain.remove(number) }
                let from = Int.random(in: 0..<500, using: &random)
                #expect(bits.first(from: from) == plain.filter { $0 >= from }.min())
                #expect(bits.contains(from) == plain.contains(from))
            }
            #expect(bits.count == plain.count)
        }
    }

    @Test("Numbers at the ends of words are found")
    func ends() {
        var bits = BitSet()
        #expect(bits.first(from: 0) == nil)
        for number in [0, 63, 64, 127, 128, 1_000] {
            bits.set(number, to: true)
            bits.set(number, to: true)
        }
        #expect(bits.count == 6)
        #expect(bits.first(from: 0) == 0)
        #expect(bits.first(from: 1) == 63)
        #expect(bits.first(from: 64) == 64)
        #expect(bits.first(from: 65) == 127)
        #expect(bits.first(from: 129) == 1_000)
        #expect(bits.first(from: 1_001) == nil)
        bits.set(5_000, to: false)
        #expect(!bits.contains(5_000))
    }
}
