import Presence
import PresenceStore
import Synchronization
import Testing

@testable import PresenceBridge

/// A log of nine rows, of which the first five were cut off.
private struct CutArchive: Archive {
    func cut() -> Int64 { 5 }
    func changes(after id: Int64, limit: Int) -> [LoggedChange] {
        (6...9).filter { $0 > id }.map(ChangeFeedTests.row)
    }
    func history(_ query: HistoryQuery) -> [LoggedChange] { [] }
    func newest(
        of kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through end: Int64,
        limit: Int
    ) -> [LoggedChange] { [] }
    func condense(_ position: WebhookPosition, _ backlog: Backlog) -> WebhookPosition { position }
    func close() {}
}

/// A log whose user is erased while it is read for the first time.
private final class ErasedArchive: Archive {
    private let isErased = Mutex(false)
    private let onRead: @Sendable () -> Void

    init(onRead: @escaping @Sendable () -> Void) { self.onRead = onRead }

    func cut() -> Int64 { 0 }
    func changes(after id: Int64, limit: Int) -> [LoggedChange] { read() }
    func history(_ query: HistoryQuery) -> [LoggedChange] { read() }
    func newest(
        of kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through end: Int64,
        limit: Int
    ) -> [LoggedChange] { read() }
    func condense(_ position: WebhookPosition, _ backlog: Backlog) -> WebhookPosition { position }
    func close() {}

    private func read() -> [LoggedChange] {
        let wasErased = isErased.withLock { isErased in
            defer { isErased = true }
            return isErased
        }
        if !wasErased { onRead() }
        return wasErased ? [] : [ChangeFeedTests.row(1)]
    }
}

@Suite("The change log beside the loop")
struct ChangeFeedTests {
    private let store: SQLiteStore

    init() throws { store = try SQLiteStore(path: ":memory:", synchronous: .normal) }

    fileprivate static func row(_ id: Int64, _ user: String) -> LoggedChange {
        LoggedChange(
            id: id,
            user: Name(checked: user),
            time: id,
            kind: .online,
            status: Array("{}".utf8)
        )
    }

    fileprivate static func row(_ id: Int64) -> LoggedChange { row(id, "bob") }

    private static func steps(_ ids: ClosedRange<Int64>) -> [Change] {
        ids.map { .log(.put(row($0))) } + [.log(.end(ids.upperBound))]
    }

    /// A store in memory with some rows.
    private func archive(_ ids: ClosedRange<Int64>) throws -> ChangeArchive {
        try store.commit(Self.steps(ids))
        return try store.archive() as ChangeArchive
    }

    private func ids(_ found: ChangeFeed.Found?) -> [Int64]? {
        if case .changes(let changes, _)? = found { changes.map(\.id) } else { nil }
    }

    @Test("What is in no file yet follows what is, and what is in both comes once")
    func both() throws {
        let feed = ChangeFeed(try archive(1...6), last: 4)
        feed.append(Self.steps(5...9), archivedThrough: 6)
        #expect(ids(try feed.changes(after: 0, limit: 4)) == [1, 2, 3, 4])
        #expect(ids(try feed.changes(after: 2, limit: 5)) == [3, 4, 5, 6, 7])
        #expect(ids(try feed.changes(after: 3, limit: 99)) == [4, 5, 6, 7, 8, 9])
        #expect(feed.recent(after: 3, limit: 9) == nil)
        #expect(ids(feed.recent(after: 4, limit: 2)) == [5, 6])
        #expect(ids(feed.recent(after: 9, limit: 2)) == [])
        #expect(feed.recent(after: 10, limit: 2) == .gone)
        #expect(try feed.changes(after: 10, limit: 2) == .gone)
        let bob = Name(checked: "bob")
        let history = try feed.history(HistoryQuery(of: bob, limit: 99)).map(\.id)
        #expect(history == [9, 8, 7, 6, 5, 4, 3, 2, 1])
        #expect(try feed.history(HistoryQuery(of: bob, below: 8, limit: 2)).map(\.id) == [7, 6])
    }

    @Test("Only what the file has is let go of, and no more than must be")
    func letGo() throws {
        let feed = ChangeFeed(try archive(1...1), last: 0)
        feed.append(Self.steps(1...5_000), archivedThrough: 100)
        #expect(feed.recent(after: 99, limit: 1) == nil)
        #expect(ids(feed.recent(after: 100, limit: 1)) == [101])
        feed.append(Self.steps(5_001...5_001), archivedThrough: 5_000)
        #expect(feed.recent(after: 904, limit: 1) == nil)
        #expect(ids(feed.recent(after: 905, limit: 1)) == [906])
    }

    @Test("What was cut off is gone; who is erased is no longer there")
    func gone() throws {
        let feed = ChangeFeed(CutArchive(), last: 9)
        #expect(try feed.changes(after: 4, limit: 9) == .gone)
        #expect(ids(try feed.changes(after: 5, limit: 9)) == [6, 7, 8, 9])
        feed.append(Self.steps(10...11), archivedThrough: 9)
        feed.append(
            [
                .log(.erase(Name(checked: "bob"), through: 11)),
                .log(.put(Self.row(12, "carol"))), .log(.end(12)),
            ],
            archivedThrough: 9
        )
        #expect(ids(feed.recent(after: 9, limit: 9)) == [12])
    }

    @Test("Who is erased while the file is read is not among what is found", arguments: 0..<3)
    func erasedMeanwhile(reading: Int) throws {
        let made = Mutex<ChangeFeed?>(nil)
        let feed = ChangeFeed(
            ErasedArchive {
                made.withLock {
                    $0?.append(
                        [.log(.erase(Name(checked: "bob"), through: 1)), .log(.end(1))],
                        archivedThrough: 1
                    )
                }
            },
            last: 1
        )
        made.withLock { $0 = feed }
        let found =
            switch reading {
            case 0: try feed.all(after: 0, limit: 9).changes
            case 1: try feed.history(HistoryQuery(of: Name(checked: "bob"), limit: 9))
            default: try feed.newest(of: [.online], after: 0, through: 1, limit: 9)
            }
        #expect(found.isEmpty)
    }

    /// The id behind which a reader goes on.
    private func end(_ found: ChangeFeed.Found?) -> Int64? {
        if case .changes(_, let last)? = found { last } else { nil }
    }

    @Test("Whoever reads goes on behind what was erased, and no change is passed over")
    func erasedBehind() throws {
        let feed = ChangeFeed(try archive(1...4), last: 4)
        feed.append(Self.steps(5...7), archivedThrough: 4)
        #expect(end(feed.recent(after: 4, limit: 2)) == 6)
        #expect(end(feed.recent(after: 4, limit: 3)) == 7)
        feed.append(
            [.log(.erase(Name(checked: "bob"), through: 7)), .log(.end(7))],
            archivedThrough: 4
        )
        #expect(ids(feed.recent(after: 4, limit: 3)) == [])
        #expect(end(feed.recent(after: 4, limit: 3)) == 7)
        #expect(end(try feed.changes(after: 2, limit: 2)) == 4)
        #expect(end(try feed.changes(after: 3, limit: 2)) == 7)
    }

    @Test("What may be cut off is not held beside the file, but for what the file does not have")
    func dropped() throws {
        let feed = ChangeFeed(try archive(1...8), last: 0)
        feed.append(Self.steps(1...9), archivedThrough: 8)
        feed.drop(LogCut(through: 8, time: 4))
        #expect(feed.recent(after: 2, limit: 1) == nil)
        #expect(ids(feed.recent(after: 3, limit: 1)) == [4])
        feed.drop(LogCut(through: 8, time: 0, most: 3))
        #expect(feed.recent(after: 5, limit: 1) == nil)
        #expect(ids(feed.recent(after: 6, limit: 9)) == [7, 8, 9])
        feed.drop(LogCut(through: 8, time: .max))
        #expect(ids(feed.recent(after: 8, limit: 9)) == [9])
    }

    @Test("What the last bridge could not bring into the file is there")
    func unarchived() throws {
        let feed = ChangeFeed(
            try archive(1...2),
            last: 4,
            unarchived: [Self.row(3), Self.row(4)]
        )
        #expect(ids(try feed.changes(after: 0, limit: 9)) == [1, 2, 3, 4])
        #expect(ids(feed.recent(after: 2, limit: 9)) == [3, 4])
    }

    @Test(
        "Who waits is woken by what comes, by time, and when the waiting is given up",
        .timeLimit(.minutes(1))
    )
    func waiting() async throws {
        let feed = ChangeFeed(try archive(1...1), last: 1)
        // What is there is not waited for.
        await feed.wait(after: 0, for: .seconds(3_600))
        await feed.wait(after: 1, for: .milliseconds(1))
        async let woken: Void = feed.wait(after: 1, for: .seconds(3_600))
        async let other: Void = feed.wait(after: 1, for: .seconds(3_600))
        feed.append(Self.steps(2...2), archivedThrough: 1)
        _ = await (woken, other)
        let task = Task { await feed.wait(after: 2, for: .seconds(3_600)) }
        task.cancel()
        await task.value
    }
}
