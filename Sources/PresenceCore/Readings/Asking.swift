/// Single topics that are asked for alone, so many at a time.
struct Asking<Key: Sendable>: Sendable {
    /// Those that are asked for now.
    var keys: ArraySlice<Key>
    /// Those that wait until these are known.
    var later: ArraySlice<Key> = []
    /// How often the first of them have been asked for with that.
    var round = 1

    /// As many of them as are asked for at once; the others wait.
    func first(_ most: Int) -> Asking {
        Asking(keys: keys.prefix(most), later: keys.dropFirst(most) + later, round: round)
    }

    /// What is asked for next: some of them again, or else those that waited; `nil` if there are none.
    func next(again lacking: [Key]) -> Asking? {
        if !lacking.isEmpty {
            return Asking(keys: lacking[...], later: later, round: round + 1)
        }
        return later.isEmpty ? nil : Asking(keys: later)
    }
}
