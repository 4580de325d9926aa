import DatabaseFixture
import Testing

@Suite(
    "Chaos among bridges that share a database",
    .enabled(if: DatabaseServer.isUsed, "PostgreSQL is not installed")
)
struct ClusterTests {
    @Test("Whatever is done to three bridges, in the end one serves, and what is told is true")
    func truth() async throws { try await ChaosRun.play(.cluster()) }
}
