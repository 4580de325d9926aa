import Presence

/// The watchers of one user: a sorted set of numbers.
///
/// Most users have few watchers, in one run. A star with a million has some thousand runs, and
/// gaining or losing a watcher moves one run's bytes and not four million.
struct WatcherSet: Hashable, Sendable {
    private static let longestRun = 512

    /// Both are one pointer, so that the set of a user takes eight bytes.
    private enum Watchers: Hashable {
        /// As long as one run is enough.
        case few(ContiguousArray<UserID>)
        /// Once it was not.
        case runs(ContiguousArray<ContiguousArray<UserID>>)
    }

    private var watchers = Watchers.few([])

    var count: Int {
        switch watchers {
        case .few(let few): few.count
        case .runs(let runs): runs.reduce(0) { $0 + $1.count }
        }
    }

    init() {}

    /// Watchers that are sorted, each once.
    init(sorted sequence: ContiguousArray<UserID>.SubSequence) {
        guard sequence.count > Self.longestRun else {
            watchers = .few(ContiguousArray(sequence))
            return
        }
        var runs: ContiguousArray<ContiguousArray<UserID>> = []
        for start in stride(from: sequence.startIndex, to: sequence.endIndex, by: Self.longestRun) {
            let end = min(start + Self.longestRun, sequence.endIndex)
            runs.append(ContiguousArray(sequence[start..<end]))
        }
        watchers = .runs(runs)
    }

    var isEmpty: Bool {
        if case .few(let few) = watchers { few.isEmpty } else { false }
    }

    mutating func insert(_ watcher: UserID) {
        switch take() {
        case .few(var few):
            few.insert(watcher)
            watchers = few.count > Self.longestRun ? .runs(Self.halves(of: few)) : .few(few)
        case .runs(var runs):
            let run = max(0, runs.partition { $0[0] > watcher } - 1)
            runs[run].insert(watcher)
            if runs[run].count > Self.longestRun {
                runs.replaceSubrange(run...run, with: Self.halves(of: runs[run]))
            }
            watchers = .runs(runs)
        }
    }

    /// Takes the watchers out, so that they are changed in place.
    private mutating func take() -> Watchers {
        var taken = Watchers.few([])
        swap(&taken, &watchers)
        return taken
    }

    private static func halves(
        of run: ContiguousArray<UserID>
    ) -> ContiguousArray<ContiguousArray<UserID>> {
        let half = longestRun / 2
        return [ContiguousArray(run[..<half]), ContiguousArray(run[half...])]
    }

    mutating func remove(_ watcher: UserID) {
        switch take() {
        case .few(var few):
            few.remove(watcher)
            watchers = .few(few)
        case .runs(var runs):
            let run = runs.partition { $0[0] > watcher } - 1
            if run >= 0 {
                runs[run].remove(watcher)
                if runs[run].isEmpty { runs.remove(at: run) }
            }
            watchers = runs.isEmpty ? .few([]) : .runs(runs)
        }
    }

    func contains(_ watcher: UserID) -> Bool {
        switch watchers {
        case .few(let few): return few.holds(watcher)
        case .runs(let runs):
            let run = runs.partition { $0[0] > watcher } - 1
            return run >= 0 && runs[run].holds(watcher)
        }
    }

    /// Walks the watchers in order from a number on, until the body has had enough.
    func walk(from start: UserID, _ body: (UserID) -> Bool) {
        switch watchers {
        case .few(let few): _ = few.walk(from: start, body)
        case .runs(let runs):
            for run in max(0, runs.partition { $0[0] > start } - 1)..<runs.count {
                guard runs[run].walk(from: start, body) else { return }
            }
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
