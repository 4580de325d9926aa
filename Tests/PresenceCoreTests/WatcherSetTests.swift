import Chance
import Presence
import Testing

@testable import PresenceCore

@Suite("The watchers of a user")
struct WatcherSetTests {
    private func walked(_ set: WatcherSet, from start: UserID = 0, most: Int = .max) -> [UserID] {
        var walked: [UserID] = []
        set.walk(from: start) {
            walked.append($0)
            return walked.count < most
        }
        return walked
    }

    @Test("A set takes eight bytes, whoever is in it")
    func size() {
        #expect(MemoryLayout<WatcherSet>.size == 8)
    }

    @Test("Few and many are what a set of Swift's holds, while it grows and while it shrinks")
    func equalsModel() {
        for seed in 1...12 as ClosedRange<UInt64> {
            var random = SeededNumbers(seed: seed)
            var (set, model) = (WatcherSet(), Set<UserID>())
            let range: ClosedRange<UserID> = seed.isMultiple(of: 3) ? 0...40 : 0...6_000
            for step in 0..<12_000 {
                let watcher = UserID.random(in: range, using: &random)
                if Int.random(in: 0..<10, using: &random) < (step < 7_000 ? 8 : 1) {
                    set.insert(watcher)
                    model.insert(watcher)
                } else {
                    set.remove(watcher)
                    model.remove(watcher)
                }
                guard step.isMultiple(of: 500) else { continue }
                #expect(set.count == model.count)
                #expect(set.isEmpty == model.isEmpty)
                #expect(set.contains(watcher) == model.contains(watcher))
                #expect(walked(set) == model.sorted())
                let behind = model.filter { $0 >= watcher }.sorted().prefix(7)
                #expect(walked(set, from: watcher, most: 7) == Array(behind))
            }
            for watcher in model { set.remove(watcher) }
            #expect(set.isEmpty)
            #expect(walked(set) == [])
        }
    }

    @Test("Sorted watchers are put back as they are", arguments: [0, 1, 512, 513, 2_000])
    func sorted(_ count: Int) {
        let watchers = ContiguousArray((0..<count).map { UserID($0 * 3) })
        var set = WatcherSet(sorted: watchers[...])
        #expect(walked(set) == Array(watchers))
        #expect(set.count == count)
        #expect(set.isEmpty == (count == 0))
        set.insert(1)
        #expect(set.contains(1))
        #expect(set.count == count + 1)
    }
}
