import Testing

@Suite("Chaos")
struct ChaosTests {
    @Test("Whatever is done to the bridge and the broker, in the end what is told is true")
    func truth() async throws { try await ChaosRun.play(.chaos()) }
}
