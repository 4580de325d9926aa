import Chance
import Presence
import PresenceBridge
import PresenceStore
import Simulation
import Testing

@Suite("What waits for webhooks, on a real and on a simulated disk")
struct WebhookLogTests {
    private static let kinds: [LoggedChange.Kind] = [.online, .offline, .status]

    private static func row(_ id: Int64, _ time: Int64, _ random: inout SeededNumbers) -> Change {
        .log(
            .put(
                LoggedChange(
                    id: id,
                    user: Name(checked: "u\(Int.random(in: 1...4, using: &random))"),
                    time: time,
                    kind: kinds.randomElement(using: &random) ?? .online,
                    status: Array("{}".utf8)
                )
            )
        )
    }

    private static func position(_ last: Int64, _ random: inout SeededNumbers) -> WebhookPosition {
        var position = WebhookPosition(
            "https://a/",
            taken: Int64.random(in: 0...last, using: &random)
        )
        guard Bool.random(using: &random) else { return position }
        position.hold(through: min(last, position.taken + Int64.random(in: 0...3, using: &random)))
        position.skip(
            2,
            passing: min(last, position.held + Int64.random(in: 0...5, using: &random)),
            condensingThrough: Int64.random(in: position.held...last, using: &random)
        )
        return position
    }

    @Test("Both tell the same, and leave out the same", arguments: 1...40)
    func same(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let real = try SQLiteStore(path: ":memory:", synchronous: .normal)
        let simulated = SimulatedStore(SimulatedDisk())
        var (id, time): (Int64, Int64) = (Bool.random(using: &random) ? 0 : 1 << 40, 100)
        for _ in 0..<Int.random(in: 1...60, using: &random) {
            id += Int64.random(in: 1...2, using: &random)
            time += Int64.random(in: 0...3, using: &random)
            let changes = [Self.row(id, time, &random), .log(.end(id))]
            try real.commit(changes, isRequested: false)
            try simulated.commit(changes, isRequested: false)
        }
        let stores: [any Store] = [real, simulated]
        let archives = try stores.map { try $0.archive() }
        for _ in 0..<20 {
            let kinds = Set(Self.kinds.shuffled(using: &random).prefix(2))
            let start = Int64.random(in: 0...id, using: &random)
            let end = Int64.random(in: start...id, using: &random)
            let newest = try archives.map {
                try $0.newest(of: kinds, after: start, through: end, limit: 3).map(\.id)
            }
            #expect(newest[0] == newest[1])
            let position = Self.position(id, &random)
            let backlog = Backlog(
                of: kinds,
                time: Int64.random(in: 90...time + 1, using: &random),
                most: Int64.random(in: 1...10, using: &random)
            )
            let condensed = try archives.map { try $0.condense(position, backlog) }
            #expect(condensed[0] == condensed[1])
            #expect(condensed[0].taken == position.taken && condensed[0].held == position.held)
        }
    }
}
