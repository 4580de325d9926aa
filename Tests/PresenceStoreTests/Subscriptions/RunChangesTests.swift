import Chance
import Presence
import Testing

@testable import PresenceStore

@Suite("Runs of subscriptions")
struct RunChangesTests {
    /// A watcher's rows, as a store has them, and beside them what they should hold.
    private struct Rows {
        private(set) var runs: [SubscriptionRun] = []
        private(set) var expected: [UserID: Int64] = [:]
        /// How many runs were written or taken away by the last change.
        private(set) var written = 0

        var watched: [WatchedUser] { runs.flatMap(\.watched) }

        /// Carries out changes as the store does, with no more of the runs than it reads.
        mutating func change(_ changes: [UserID: Int64?]) {
            let rows = changes.sorted { $0.key < $1.key }.map {
                (key: CommitChanges.SubscriptionKey(watcher: 7, user: $0.key), record: $0.value)
            }
            guard let first = rows.first?.key.user, let last = rows.last?.key.user else { return }
            let begin = runs.lastIndex { $0.start <= first } ?? 0
            let end = runs.firstIndex { $0.start > last } ?? runs.count - 1
            let touched = runs.isEmpty ? [] : Array(runs[begin...max(begin, end)])
            let outcome = RunChanges(of: 7, touched, rows[...])
            let before = watched.count
            runs.removeAll { outcome.removed.contains($0.id) }
            for run in outcome.put {
                runs.removeAll { $0.id == run.id }
                runs.append(run)
            }
            runs.sort { $0.id < $1.id }
            written = outcome.put.count + outcome.removed.count
            for (user, expires) in changes { expected[user] = expires }
            #expect(watched.count - before == outcome.growth)
        }

        /// Whether all is as a start of the bridge demands.
        func check(_ comment: Comment) throws {
            let sorted = expected.sorted { $0.key < $1.key }
            let entries = sorted.map { WatchedUser(user: $0.key, expires: $0.value) }
            try #require(watched == entries, comment)
            for (index, run) in runs.enumerated() {
                let end = index + 1 < runs.count ? runs[index + 1].start : .max
                try #require(run.watcher == 7, comment)
                try #require((1...SubscriptionRun.longest).contains(run.watched.count), comment)
                for entry in run.watched {
                    try #require((run.start..<end).contains(entry.user), comment)
                }
            }
        }
    }

    @Test("A few are one run, which begins at 0, whoever comes before or behind")
    func one() throws {
        var rows = Rows()
        for user in [50, 20, 90, 0] as [UserID] { rows.change([user: 5]) }
        try rows.check("")
        #expect(rows.runs.map(\.start) == [0])
        rows.change([20: nil, 50: 6])
        try rows.check("")
        #expect(rows.runs.map(\.watched.count) == [3])
    }

    @Test("Once it is full a run is shared among several, with room in each")
    func full() throws {
        var rows = Rows()
        rows.change(Dictionary(uniqueKeysWithValues: (1...128).map { ($0, 5) }))
        #expect(rows.runs.map(\.watched.count) == [128])
        rows.change([129: 5])
        try rows.check("")
        #expect(rows.runs.map(\.watched.count) == [64, 65])
        #expect(rows.runs.map(\.start) == [0, 65])
    }

    @Test("Of three thousand subscriptions a change writes one run, or the halves of one")
    func many() throws {
        var rows = Rows()
        rows.change(Dictionary(uniqueKeysWithValues: (1...3_000).map { ($0 * 10, 5) }))
        try rows.check("")
        #expect(rows.runs.count == 32)
        for user in stride(from: UserID(5), to: 30_000, by: 97) {
            rows.change([user: 9])
            #expect(rows.written <= 2)
        }
        try rows.check("")
    }

    @Test("A run that has become short takes in the next one, and an empty one goes")
    func short() throws {
        var rows = Rows()
        rows.change(Dictionary(uniqueKeysWithValues: (1...130).map { ($0, 5) }))
        #expect(rows.runs.map(\.watched.count) == [65, 65])
        rows.change(Dictionary(uniqueKeysWithValues: (66...110).map { ($0, nil) }))
        #expect(rows.runs.map(\.watched.count) == [65, 20])
        rows.change(Dictionary(uniqueKeysWithValues: (1...34).map { ($0, nil) }))
        try rows.check("")
        #expect(rows.runs.map(\.watched.count) == [51])
        rows.change(Dictionary(uniqueKeysWithValues: (1...130).map { ($0, nil) }))
        #expect(rows.runs == [])
    }

    @Test("Where the first run is gone, an earlier user begins one at 0, which takes in the next")
    func before() throws {
        var rows = Rows()
        rows.change(Dictionary(uniqueKeysWithValues: (1...130).map { ($0, 5) }))
        rows.change(Dictionary(uniqueKeysWithValues: (1...65).map { ($0, nil) }))
        #expect(rows.runs.map(\.start) == [66])
        rows.change([3: 7])
        try rows.check("")
        #expect(rows.runs.map(\.start) == [0])
        #expect(rows.runs.map(\.watched.count) == [66])
    }

    @Test("What changes nothing is not written")
    func nothing() {
        var rows = Rows()
        rows.change([3: nil])
        #expect(rows.written == 0)
        rows.change([3: 5])
        rows.change([3: 5, 4: nil])
        #expect(rows.written == 0)
    }

    @Test("After any changes the runs hold what a dictionary holds")
    func equalsModel() throws {
        for seed in 1...60 as ClosedRange<UInt64> {
            var random = SeededNumbers(seed: seed)
            var rows = Rows()
            let users: UserID = seed.isMultiple(of: 3) ? 60 : seed.isMultiple(of: 2) ? 700 : 4_000
            for step in 1...80 {
                // Now it grows, and now it shrinks.
                let grows = step / 20 % 2 == 0
                let from = UserID.random(in: 0...users, using: &random)
                let width = UserID.random(in: 1...users, using: &random)
                var changes: [UserID: Int64?] = [:]
                for _ in 0..<Int.random(in: 1...200, using: &random) {
                    let user = from + UserID.random(in: 0..<width, using: &random)
                    let isPut = Int.random(in: 0..<10, using: &random) < (grows ? 9 : 2)
                    let expires: Int64? = isPut ? Int64.random(in: 0...9, using: &random) : nil
                    changes.updateValue(expires, forKey: user)
                }
                rows.change(changes)
                try rows.check("seed \(seed), step \(step)")
            }
        }
    }

    @Test("The highest numbers and times come back from bytes")
    func bytes() throws {
        let watched = [
            WatchedUser(user: 0, expires: 0),
            WatchedUser(user: 1 << 28, expires: 253_402_300_799),
        ]
        let run = SubscriptionRun(watcher: 1 << 28, start: 0, watched: watched)
        #expect(run.id == 1 << 60)
        #expect(
            run.bytes == [
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x3A, 0xFF, 0xF4, 0x41, 0x7F,
            ]
        )
    }
}
