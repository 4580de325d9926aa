import Chance
import Testing

@testable import PresenceCore

@Suite("Values under numbers")
struct NumberMapTests {
    @Test(
        "A map holds what a dictionary holds, however values come and go",
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func asDictionary(_ seed: UInt64) {
        var random = SeededNumbers(seed: seed)
        var (map, dictionary) = (NumberMap<Int>(), [UInt32: Int]())
        for step in 0..<5_000 {
            // Few numbers, so that they meet; many, so that the table grows; far apart, as well.
            let shift: UInt32 = step.isMultiple(of: 3) ? 20 : 0
            let key = UInt32.random(in: 0..<200, using: &random) << shift
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                #expect(map.removeValue(under: key) == dictionary.removeValue(forKey: key))
            case 2 where step.isMultiple(of: 500):
                map.removeAll()
                dictionary.removeAll()
            case 3:
                map[key, default: 7] += 1
                dictionary[key, default: 7] += 1
            default:
                if let index = map.index(of: key) {
                    map[at: index] += 1
                    dictionary[key]? += 1
                } else {
                    map.insert(step, under: key)
                    dictionary[key] = step
                }
            }
            #expect(map[key] == dictionary[key])
        }
        #expect(map.count == dictionary.count)
        #expect(map.keys.sorted() == dictionary.keys.sorted())
        for (key, value) in dictionary { #expect(map[key] == value) }
    }

    @Test("A map of thousands is empty when all is removed, and takes values again")
    func emptied() {
        var map = NumberMap<UInt32>()
        for round in 1...2 as ClosedRange<UInt32> {
            for key in 0..<3_000 as Range<UInt32> { map.insert(key * round, under: key) }
            #expect(map.count == 3_000)
            #expect(map[2_999] == 2_999 * round)
            map.removeAll()
            #expect(map.isEmpty)
            #expect(map[0] == nil)
        }
    }
}
