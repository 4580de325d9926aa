/// Searches for the smallest input that still fails, by leaving parts out (after Zeller,
/// Hildebrandt: Simplifying and Isolating Failure-Inducing Input, 2002).
public struct Minimiser: Sendable {
    /// How many inputs may be tried.
    public var budget: Int

    /// A search that ends after so many tries.
    public init(budget: Int) { self.budget = budget }

    /// The smallest input that was found to fail.
    public func smallest(_ input: Case, fails: (Case) -> Bool) -> Case {
        var left = budget
        var best = input
        let lines = shorten(best.lines, &left) { fails(Case($0)) }
        best = Case(lines)
        for line in best.lines.indices {
            for word in best.lines[line].indices {
                let shorter = shorten(best.lines[line][word], &left) { bytes in
                    var candidate = best
                    candidate.lines[line][word] = bytes
                    return fails(candidate)
                }
                best.lines[line][word] = shorter
            }
        }
        return best
    }

    /// Leaves out ever smaller pieces as long as it still fails.
    private func shorten<Element>(
        _ elements: [Element],
        _ left: inout Int,
        fails: ([Element]) -> Bool
    ) -> [Element] {
        var best = elements
        var length = best.count
        while length > 0, left > 0 {
            var start = 0
            var hasShrunk = false
            while start < best.count, left > 0 {
                var candidate = best
                candidate.removeSubrange(start..<min(start + length, best.count))
                left -= 1
                if fails(candidate) {
                    best = candidate
                    hasShrunk = true
                } else {
                    start += length
                }
            }
            length = hasShrunk && length == 1 ? 1 : length / 2
        }
        return best
    }
}
