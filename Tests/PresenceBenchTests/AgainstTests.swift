import BrokerFixture
import Foundation
import Testing

/// Runs of the bench itself, with next to nothing to do; the other build is this one.
@Suite("Runs against another build")
struct AgainstTests {
    private struct Line: Decodable {
        let scenario: String
        let yardstick: String?
        let measured: Double
        let base: Double?
        let goal: String?
        let firstBar: String?
    }

    /// Runs scenarios; returns the table, and the lines of the file for machines.
    private func run(_ arguments: [String]) async throws -> (table: String, lines: [Line]) {
        let folder = try TemporaryFolder()
        let file = folder.file("bench.json")
        let table = try await Child.run(
            BridgeProgramTests.bench,
            arguments + ["--quick", "--rounds", "1", "--divisor", "50", "--json", file],
            timeout: .seconds(240)
        )
        let data = try #require(FileManager.default.contents(atPath: file))
        return (table, try JSONDecoder().decode([Line].self, from: data))
    }

    @Test(
        "Each scenario that starts a bridge has lines beside the other build, with figures of both",
        arguments: [
            (1, "CPU for a get, QoS 1", "≤ 0.50", "≤ 0.70"),
            (4, "CPU for a login: a birth and its status", "≤ 0.40", "≤ 0.60"),
            (6, "restart, 42,200 rows", "≤ 0.30", "≤ 0.50"),
            (8, "CPU for a change told to one watcher", "≤ 0.40", "≤ 0.60"),
            (9, "subscribe of 100 names, new", nil, nil),
            (11, "240 births while the bridge stands still, Unix socket", nil, nil),
        ] as [(Int, String, String?, String?)]
    )
    func both(number: Int, name: String, goal: String?, firstBar: String?) async throws {
        let (table, lines) = try await run(["\(number)", "--against", BridgeProgramTests.bridge])
        let line = try #require(
            lines.first {
                $0.scenario == "\(number)  \(name)" && $0.yardstick == "the other build"
            }
        )
        #expect(line.measured > 0)
        #expect(try #require(line.base) > 0)
        #expect(line.goal == goal)
        #expect(line.firstBar == firstBar)
        #expect(table.contains("the other build: \(BridgeProgramTests.bridge)"))
    }

    @Test("Without another build the processor's time is told, and held against nothing")
    func alone() async throws {
        let (table, lines) = try await run(["1"])
        let costs = lines.filter { $0.scenario.contains("CPU") }
        #expect(costs.count == 2)
        #expect(costs.allSatisfy { $0.measured > 0 && $0.yardstick == nil && $0.goal == nil })
        #expect(!table.contains("the other build"))
    }

    @Test("A run against no bridge ends before anything is measured, and says why")
    func noBridge() async throws {
        let child = try await offPool {
            try Child(BridgeProgramTests.bench, ["1", "--against", "/no/such/bridge"])
        }
        #expect(try await child.wait() != .code(0))
        #expect(child.errors == "Error: --against: there is no file /no/such/bridge\n")
    }
}
