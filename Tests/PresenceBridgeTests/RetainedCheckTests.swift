import Testing

@testable import PresenceBridge

@Suite("Whether retained messages come by wildcards")
struct RetainedCheckTests {
    @Test(
        "A message counts as withheld where it is found by its topic and twice not by the wildcard",
        arguments: [
            ([true], [.sound]),
            ([false, true], [.lookOn, .sound]),
            ([false, false, false], [.lookOn, .lookOn, .sound]),
            ([false, false, true], [.lookOn, .lookOn, .unfit]),
        ] as [([Bool], [RetainedCheck.Outcome])]
    )
    func looks(_ found: [Bool], _ outcomes: [RetainedCheck.Outcome]) {
        var check = RetainedCheck()
        var looks: [RetainedCheck.Look?] = []
        var seen: [RetainedCheck.Outcome] = []
        for isFound in found {
            looks.append(check.look)
            check.begin()
            if isFound { check.find() }
            seen.append(check.end())
        }
        #expect(seen == outcomes)
        #expect(looks == [.wildcard, .again, .exact].prefix(found.count).map(Optional.some))
    }

    @Test("What an earlier look has brought does not count for the next one")
    func anew() {
        var check = RetainedCheck()
        check.find()
        check.begin()
        let outcome = check.end()
        #expect(outcome == .lookOn && check.look == .again)
    }

    @Test("When it is over it stays so, whatever comes")
    func over() {
        var check = RetainedCheck()
        check.find()
        _ = check.end()
        check.begin()
        let outcome = check.end()
        #expect(check.look == nil && outcome == .sound)
    }
}
