import Foundation
import Testing

@Suite("Chaos")
struct ChaosTests {
    @Test("Whatever is done to the bridge and the broker, in the end what is told is true")
    func truth() async throws {
        let setting = RunOptions.fromEnvironment()
        var figures = RunCounts()
        let end = ContinuousClock.now + .seconds(setting.seconds)
        var number = 0
        repeat {
            number += 1
            var act = try await ChaosRun(setting, number: number)
            do {
                try await act.play(until: min(end, .now + .seconds(75)), &figures)
            } catch {
                Issue.record("\(error)")
                break
            }
        } while ContinuousClock.now < end
        print("\(figures)")
    }
}
