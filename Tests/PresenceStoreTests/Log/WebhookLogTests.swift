import Chance
import Presence
import Testing

@testable import PresenceStore

@Suite("Webhooks in a store")
struct WebhookLogTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let kinds: Set<LoggedChange.Kind> = [.online, .offline]

    private static func row(_ id: Int64, _ user: String, _ kind: LoggedChange.Kind) -> LoggedChange
    {
        LoggedChange(
            id: id,
            user: Name(checked: user),
            time: 100 + id,
            kind: kind,
            status: Array("{}".utf8)
        )
    }

    @Test("How far a receiver is outlives the process, be it in SQLite or in the journal alone")
    func positions() throws {
        let path = folder.file("store")
        var away = WebhookPosition("https://a/?b=\u{0}", taken: 3)
        away.hold(through: 5)
        away.skip(7, passing: 6, condensingThrough: 9)
        let store = try JournaledStore(path: path, synchronous: .normal) { _ in }
        try store.replay { _ in }
        let other = WebhookPosition("https://b/", taken: 1)
        try store.commit(
            [.log(.putWebhook(other)), .log(.putWebhook(away))],
            isRequested: true
        )
        let later = WebhookPosition("https://b/", taken: 2)
        try store.commit([.log(.putWebhook(later))], isRequested: false)
        // The bridge is killed.
        try folder.copy("store", to: "killed")
        store.close()
        #expect(
            try JournaledStore.next(folder.file("killed")).everything
                == [.log(.putWebhook(away)), .log(.putWebhook(later))]
        )
        let next = try SQLiteStore(path: path, synchronous: .normal)
        try next.commit([.log(.removeWebhook(away.url))])
        next.close()
        #expect(try SQLiteStore.everything(in: path) == [.log(.putWebhook(later))])
    }

    /// What a receiver at a position is told in the end.
    private func told(_ position: WebhookPosition, _ archive: ChangeArchive) throws -> [Int64] {
        let all = try archive.changes(after: 0, limit: 10_000).filter {
            Self.kinds.contains($0.kind)
        }
        let newest = try archive.newest(
            of: Self.kinds,
            after: position.passed,
            through: position.condensed,
            limit: 10_000
        )
        return all.map(\.id).filter { $0 > position.taken && $0 <= position.held }
            + newest.map(\.id) + all.map(\.id).filter { $0 > position.condensed }
    }

    @Test(
        "What is cut off is wanted by no receiver, and all else goes",
        arguments: Engine.here,
        1...30
    )
    func wanted(engine: Engine, seed: UInt64) async throws {
        var random = SeededNumbers(seed: seed)
        let place = try StorePlace(engine)
        let store = try place.open()
        defer { store.close() }
        let archive = try store.archive()
        let last = Int64.random(in: 1...900, using: &random)
        let rows = (1...last).map { id in
            Self.row(
                id,
                "u\(Int.random(in: 1...20, using: &random))",
                LoggedChange.Kind.allCases.randomElement(using: &random) ?? .online
            )
        }
        try store.commit(rows.map { .log(.put($0)) } + [.log(.end(last))])
        let positions = (0..<Int.random(in: 1...3, using: &random)).map { number in
            var position = WebhookPosition(
                "https://\(number)/",
                taken: Int64.random(in: 0...last, using: &random)
            )
            position.hold(
                through: min(last, position.taken + Int64.random(in: 0...9, using: &random))
            )
            position.skip(
                1,
                passing: Int64.random(in: position.held...last, using: &random),
                condensingThrough: Int64.random(in: position.held...last, using: &random)
            )
            return position
        }
        let before = try positions.map { try told($0, archive) }
        let kept = Int64.random(in: 0...last, using: &random)
        let cut = LogCut(
            through: .max,
            time: 101 + kept,
            wanted: LogCut.Wanted(of: Self.kinds, for: positions)
        )
        store.cutLog(cut)
        try await until { !store.isCutting }
        #expect(try archive.cut() == kept)
        let after = try positions.map { try told($0, archive) }
        #expect(after == before)
        let left = try archive.changes(after: 0, limit: 10_000).map(\.id)
        #expect(left.filter { $0 > kept } == Array(kept + 1..<last + 1))
        if positions.count == 1 {
            // What of the kinds that nobody wants is not condensed yet goes later.
            let wanted = Set(before.joined())
            let old = left.filter {
                $0 > positions[0].held && $0 <= min(kept, positions[0].condensed)
            }
            #expect(old.allSatisfy(wanted.contains))
        }
        #expect(try place.number("SELECT count FROM change_log", in: store) == last - kept)
    }

    @Test(
        "Where changes are not kept, none is missed by who reads on when they are again",
        arguments: Engine.here
    )
    func gap(engine: Engine) async throws {
        let place = try StorePlace(engine)
        let store = try place.open()
        defer { withExtendedLifetime(place) { store.close() } }
        let archive = try store.archive()
        try store.commit([.log(.put(Self.row(5, "bob", .online))), .log(.end(5))])
        try store.commit([.log(.end(6))])
        store.cutLog(LogCut(through: 6, time: .max))
        try await until { !store.isCutting }
        #expect(try archive.cut() == 6)
        #expect(try archive.changes(after: 0, limit: 9) == [])
    }

    /// Waits for what happens on another thread.
    private func until(_ isThere: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try !isThere() {
            try #require(ContinuousClock.now < deadline, "it has not happened within 20 s")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
