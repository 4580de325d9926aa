import Testing

@testable import PresenceBridge

@Suite("The proof that readings are limited")
struct LimitCheckTests {
    /// One of which so much was read.
    private func read(_ count: Int) -> (LimitCheck, isSuspicious: Bool) {
        var check = LimitCheck()
        check.beginReading()
        for _ in 0..<count { check.hear(isRetained: true, isEmpty: false) }
        let isSuspicious = check.endReading()
        return (check, isSuspicious)
    }

    @Test(
        "A number that somebody may have set is a suspicion",
        arguments: [
            (0, false), (64, false), (99, false), (100, true), (101, false), (110, false),
            (128, true), (1_000, true), (1_024, true), (1_100, true), (1_110, false),
            (1_250, false), (2_500, true), (10_100, false), (50_000, true),
        ]
    )
    func suspicion(_ count: Int, _ isSuspicious: Bool) {
        #expect(read(count).isSuspicious == isSuspicious)
    }

    @Test(
        "As many as before prove it, and nothing else does",
        arguments: [
            (1_000, 1_000), (1_005, nil), (1_004, nil), (999, nil), (0, nil), (1_006, nil),
        ] as [(Int, Int?)]
    )
    func proof(_ count: Int, _ limit: Int?) {
        var (check, isSuspicious) = read(1_000)
        #expect(isSuspicious && check.isAdding)
        // What comes before the additions are there is not counted.
        check.hear(isRetained: true, isEmpty: false)
        let isNext = check.count()
        #expect(isNext)
        for _ in 0..<count { check.hear(isRetained: true, isEmpty: false) }
        check.hear(isRetained: false, isEmpty: false)
        let proved = check.end()
        #expect(proved == limit)
        let again = check.end()
        #expect(again == nil && !check.isAdding, "it is over")
    }

    @Test("Where a topic was emptied meanwhile, in any step, nothing is proved", arguments: 0...3)
    func emptied(_ step: Int) {
        var check = LimitCheck()
        let empty = { (now: Int) in
            if now == step { check.hear(isRetained: false, isEmpty: true) }
        }
        check.beginReading()
        empty(0)
        for _ in 0..<100 { check.hear(isRetained: true, isEmpty: false) }
        let isSuspicious = check.endReading()
        #expect(isSuspicious == (step != 0))
        empty(1)
        _ = check.count()
        empty(2)
        for _ in 0..<100 { check.hear(isRetained: true, isEmpty: false) }
        empty(3)
        let limit = check.end()
        #expect(limit == nil)
    }

    @Test("A device that was missing is a suspicion once for each reading, whatever the number")
    func missing() {
        var (check, isSuspicious) = read(137)
        #expect(!isSuspicious && !check.isAdding)
        let found = [check.findMissing(), check.findMissing()]
        #expect(found == [true, false])
        let isNext = check.count()
        #expect(isNext)
        for _ in 0..<137 { check.hear(isRetained: true, isEmpty: false) }
        let limit = check.end()
        let later = check.findMissing()
        #expect(limit == 137 && !later)
        check = read(0).0
        let isFound = check.findMissing()
        #expect(!isFound, "a broker that sends nothing is another matter")
    }

    @Test("A full reading that begins behind the additions is the one that proves")
    func shared() {
        var (check, _) = read(100)
        check.beginReading()
        let isNext = check.count()
        for _ in 0..<100 { check.hear(isRetained: true, isEmpty: false) }
        let limit = check.end()
        #expect(isNext && limit == 100)
    }

    @Test("Where the additions were lost the end of a reading ends it, and the next one is as new")
    func lost() {
        var (check, _) = read(100)
        check.beginReading()
        let limit = check.end()
        #expect(limit == nil && !check.isAdding)
        check.beginReading()
        for _ in 0..<100 { check.hear(isRetained: true, isEmpty: false) }
        let isSuspicious = check.endReading()
        #expect(isSuspicious)
    }
}
