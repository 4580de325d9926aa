import Presence

/// The watchers of one user: a sorted set of numbers.
///
/// Most users have few watchers, in one run. A star with a million has some thousand runs, and
/// gaining or losing a watcher moves one run's bytes and not four million.
struct WatcherSet: Hashable, Sendable {
    private static let longestRun = 512

    /// All watchers, as long as one run is enough.
    private var few: ContiguousArray<UserID> = []
    /// All watchers, once it was not.
    private var runs: ContiguousArray<ContiguousArray<UserID>> = []

    var count: Int { runs.reduce(few.count) { $0 + $1.count } }

    init() {}

    /// Watchers that are sorted, each once.
    init(sorted watchers: ContiguousArray<UserID>.SubSequence) {
        guard watchers.count > Self.longestRun else {
            few = ContiguousArray(watchers)
            return
        }
        for start in stride(from: watchers.startIndex, to: watchers.endIndex, by: Self.longestRun) {
            let end = min(start + Self.longestRun, watchers.endIndex)
            runs.append(ContiguousArray(watchers[start..<end]))
        }
    }

    var isEmpty: Bool { few.isEmpty && runs.isEmpty }

    mutating func insert(_ watcher: UserID) {
        guard !runs.isEmpty else {
            few.insert(watcher)
            if few.count > Self.longestRun {
                runs = [few]
                few = []
                split(0)
            }
            return
        }
        let run = max(0, runs.partition { $0[0] > watcher } - 1)
        runs[run].insert(watcher)
        if runs[run].count > Self.longestRun { split(run) }
    }

    private mutating func split(_ run: Int) {
        let half = Self.longestRun / 2
        let upper = ContiguousArray(runs[run][half...])
        runs[run].removeSubrange(half...)
        runs.insert(upper, at: run + 1)
    }

    mutating func remove(_ watcher: UserID) {
        guard !runs.isEmpty else { return few.remove(watcher) }
        let run = runs.partition { $0[0] > watcher } - 1
        guard run >= 0 else { return }
        runs[run].remove(watcher)
        if runs[run].isEmpty { runs.remove(at: run) }
    }

    func contains(_ watcher: UserID) -> Bool {
        guard !runs.isEmpty else { return few.holds(watcher) }
        let run = runs.partition { $0[0] > watcher } - 1
        return run >= 0 && runs[run].holds(watcher)
    }

    /// Walks the watchers in order from a number on, until the body has had enough.
    func walk(from start: UserID, _ body: (UserID) -> Bool) {
        guard !runs.isEmpty else {
            _ = few.walk(from: start, body)
            return
        }
        for run in max(0, runs.partition { $0[0] > start } - 1)..<runs.count {
            guard runs[run].walk(from: start, body) else { return }
        }
    }
}

/// One run, sorted.
extension ContiguousArray<UserID> {
    fileprivate mutating func insert(_ watcher: UserID) {
        let place = partition { $0 >= watcher }
        if place < count, self[place] == watcher { return }
        insertTightly(watcher, at: place)
    }

    fileprivate mutating func remove(_ watcher: UserID) {
        let place = partition { $0 >= watcher }
        if place < count, self[place] == watcher { remove(at: place) }
    }

    fileprivate func holds(_ watcher: UserID) -> Bool {
        let place = partition { $0 >= watcher }
        return place < count && self[place] == watcher
    }

    /// Returns whether the body wants to go on.
    fileprivate func walk(from start: UserID, _ body: (UserID) -> Bool) -> Bool {
        for place in partition({ $0 >= start })..<count {
            guard body(self[place]) else { return false }
        }
        return true
    }
}

extension ContiguousArray {
    /// Inserts an element, and makes room for a few more where there is none: millions of small
    /// arrays that double would be half empty.
    mutating func insertTightly(_ element: Element, at place: Int) {
        if count == capacity { reserveCapacity(count + 1 + count / 8) }
        insert(element, at: place)
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first place from which on a condition holds; it must hold from there to the end.
    @inline(__always)
    func partition(_ holds: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
