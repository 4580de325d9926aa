import Simulation
import Testing

@Suite("Checker: invisible is logout")
struct InvisibleIsLogoutTests {
    private func history(_ word: String, _ build: (inout Trace) -> Void = { _ in }) -> [Entry] {
        var trace = Trace()
        trace.tell("wanda", .online("bob", seq: 1))
        trace.status(.online("bob", seq: 1))
        trace.pass(1_000)
        trace.state("bob", "d", word)
        trace.pass(1_000)
        trace.tell("wanda", .offline("bob", seq: 2))
        trace.status(.offline("bob", seq: 2))
        build(&trace)
        return trace.entries
    }

    @Test("Histories that differ in the word alone look alike, and in what bob is answered")
    func alike() {
        let invisible = history("invisible") { $0.answer("bob", "device", nil) }
        let offline = history("offline")
        let hiding: Set<String> = ["bob"]
        #expect(InvisibleIsLogout.firstDifference(invisible, offline, hiding: hiding) == nil)
        #expect(InvisibleIsLogout.firstDifference(invisible, offline) != nil)
        #expect(InvisibleIsLogout.firstDifference(offline, invisible) != nil)
    }

    @Test("Another content, another time, and one thing more on either side are found")
    func different() {
        let offline = history("offline")
        for spoil in [
            { (trace: inout Trace) in trace.tell("wanda", .online("bob", seq: 3)) },
            { (trace: inout Trace) in trace.status(.online("bob", seq: 3)) },
            { (trace: inout Trace) in trace.answer("wanda", "get", "t1") },
        ] {
            let invisible = history("invisible", spoil)
            #expect(InvisibleIsLogout.firstDifference(invisible, offline) != nil)
            #expect(InvisibleIsLogout.firstDifference(offline, invisible) != nil)
            let later = history("invisible") { trace in
                trace.pass(1)
                spoil(&trace)
            }
            #expect(InvisibleIsLogout.firstDifference(invisible, later) != nil)
            #expect(InvisibleIsLogout.firstDifference(invisible, invisible) == nil)
        }
        let other = history("invisible") { $0.tell("wanda", .online("bob", seq: 4)) }
        let one = history("offline") { $0.tell("wanda", .online("bob", seq: 3)) }
        #expect(InvisibleIsLogout.firstDifference(other, one) != nil)
    }
}
