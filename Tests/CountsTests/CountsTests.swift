import Testing

/// Time depends on the machine and on what else it does; how many instructions a path takes does not.
@Suite("Counts of instructions")
struct CountsTests {
    @Test(
        "The core's hot paths take as many instructions as they did, give or take a tenth",
        .enabled(if: Counts.obstacle == nil, "\(Counts.obstacle ?? "")")
    )
    func asKept() throws {
        let changes = try Counts.taken().changes(since: .kept())
        #expect(changes == [], "If that is meant: make counts")
    }

    @Test("A path that became a fifth dearer or cheaper is named, and one that is new or gone")
    func changed() {
        let kept = Counts("get 1000\nword 2000\nbirth 3000\nalarm 10\n")
        let taken = Counts("get 1200\nword 2199\nbirth 2400\nfan-out 5\n")
        #expect(
            taken.changes(since: kept) == [
                "alarm is no longer counted",
                "birth took 3000 instructions and takes 2400: -20 %",
                "fan-out is not kept yet",
                "get took 1000 instructions and takes 1200: 20 %",
            ]
        )
        #expect(kept.changes(since: kept) == [])
    }
}
