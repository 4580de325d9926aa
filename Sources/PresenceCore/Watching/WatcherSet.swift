import Presence

/// The watchers of one user: a sorted set of numbers, in runs that are cheap to insert into.
///
/// Most users have few watchers and one run; a star with a million has some thousand runs, and
/// gaining or losing a watcher moves one run's bytes and not four million.
struct WatcherSet: Hashable, Sendable {
    private static let longestRun = 512

    private var runs: ContiguousArray<ContiguousArray<UserID>> = []
    /// How many watchers there are.
    private(set) var count = 0

    /// None.
    init() {}

    /// Watchers that are sorted, each once.
    init(sorted watchers: ContiguousArray<UserID>.SubSequence) {
        count = watchers.count
        runs.reserveCapacity((count + Self.longestRun - 1) / Self.longestRun)
        for start in stride(from: watchers.startIndex, to: watchers.endIndex, by: Self.longestRun) {
            let end = min(start + Self.longestRun, watchers.endIndex)
            runs.append(ContiguousArray(watchers[start..<end]))
        }
    }

    /// Whether there is none.
    var isEmpty: Bool { count == 0 }

    /// Adds a watcher, if it is not there.
    mutating func insert(_ watcher: UserID) {
        guard !runs.isEmpty else {
            runs = [[watcher]]
            count = 1
            return
        }
        let run = max(0, runs.partition { $0[0] > watcher } - 1)
        let place = runs[run].partition { $0 >= watcher }
        if place < runs[run].count, runs[run][place] == watcher { return }
        runs[run].insert(watcher, at: place)
        count += 1
        if runs[run].count > Self.longestRun {
            let half = Self.longestRun / 2
            let upper = ContiguousArray(runs[run][half...])
            runs[run].removeSubrange(half...)
            runs.insert(upper, at: run + 1)
        }
    }

    /// Takes a watcher away, if it is there.
    mutating func remove(_ watcher: UserID) {
        guard let (run, place) = find(watcher) else { return }
        runs[run].remove(at: place)
        count -= 1
        if runs[run].isEmpty { runs.remove(at: run) }
    }

    /// Whether a watcher is in it.
    func contains(_ watcher: UserID) -> Bool { find(watcher) != nil }

    /// Walks the watchers in order from a number on, until the body has had enough.
    func walk(from start: UserID, _ body: (UserID) -> Bool) {
        guard !runs.isEmpty else { return }
        var run = max(0, runs.partition { $0[0] > start } - 1)
        var place = runs[run].partition { $0 >= start }
        while run < runs.count {
            while place < runs[run].count {
                guard body(runs[run][place]) else { return }
                place += 1
            }
            run += 1
            place = 0
        }
    }

    private func find(_ watcher: UserID) -> (run: Int, place: Int)? {
        let run = runs.partition { $0[0] > watcher } - 1
        guard run >= 0 else { return nil }
        let place = runs[run].partition { $0 >= watcher }
        guard place < runs[run].count, runs[run][place] == watcher else { return nil }
        return (run, place)
    }
}

extension ContiguousArray {
    /// The first place from which on a condition holds; it must hold from there to the end.
    func partition(_ holds: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }
}
