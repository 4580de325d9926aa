/// What somebody may have meant who misspelled a word.
package enum Suggestion {
    /// The candidate nearest to the word, or `nil` when none is near.
    ///
    /// A candidate that goes on behind the word with `_` is nearest. Of others a third of the letters may be wrong, missing, too many, or swapped with their neighbour.
    /// Case counts as nothing, and `-` as `_`.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let letters = normalized(word)
        guard letters.count <= 64 else { return nil }
        // A word of some length that another one begins with is not likely to be anything else.
        let longer = candidates.filter {
            letters.count >= 8 && normalized($0).starts(with: letters + [UInt8(ascii: "_")])
        }
        if let first = longer.min(by: { $0.utf8.count < $1.utf8.count }) { return first }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let other = normalized(candidate)
            let most = min(max(1, other.count / 3), other.count - 1)
            guard abs(letters.count - other.count) <= most else { continue }
            let distance = distance(letters, other)
            if distance <= most, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    private static func normalized(_ word: String) -> [UInt8] {
        word.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }

    /// The optimal string alignment distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = last[column] + (letter == other ? 0 : 1)
                var best = min(replaced, last[column + 1] + 1, current[column] + 1)
                let isSwap =
                    row > 0 && column > 0 && letter == right[column - 1] && left[row - 1] == other
                if isSwap { best = min(best, beforeLast[column - 1] + 1) }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
