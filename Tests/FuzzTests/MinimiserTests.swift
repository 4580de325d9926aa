import Fuzzing
import Testing

@Suite("Searching for the smallest input")
struct MinimiserTests {
    /// Fails with both of two lines, and a word with a certain byte in it.
    private func fails(_ input: Case) -> Bool {
        let names = input.lines.compactMap(\.first)
        return names.contains([1]) && names.contains([2])
            && input.lines.contains { $0.count > 1 && $0[1].contains(7) }
    }

    @Test("Only what is needed to fail is left")
    func smallest() {
        let noise = (10..<40 as Range<UInt8>).map { [[$0], [$0, $0, $0]] }
        let long = [[2], Array(0..<30)] as [[UInt8]]
        let input = Case(noise + [[[1]]] + noise + [long] + noise)
        #expect(fails(input))
        let found = Minimiser(budget: 10_000).smallest(input, fails: fails)
        #expect(found == Case([[[1]], [[2], [7]]]))
    }

    @Test("A search ends with its budget, and what it returns fails")
    func budget() {
        var tries = 0
        let input = Case((0..<100 as Range<UInt8>).map { [[$0], [7]] })
        let found = Minimiser(budget: 20).smallest(input) {
            tries += 1
            return fails($0)
        }
        #expect(tries == 20)
        #expect(fails(found))
    }
}
