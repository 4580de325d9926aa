import Testing

extension ChaosRun {
    /// How long one service and its users are played with.
    private static let act = Duration.seconds(75)

    /// Plays act after act, each with a service of its own, until time is up, and prints what was done.
    static func play(_ setting: RunOptions) async throws {
        var figures = RunCounts(setting.name)
        let end = ContinuousClock.now + .seconds(setting.seconds)
        var number = 0
        repeat {
            number += 1
            var act = try await ChaosRun(setting, number: number)
            do {
                try await act.play(until: min(end, .now + Self.act), &figures)
            } catch {
                Issue.record("\(error)")
                break
            }
        } while ContinuousClock.now < end
        print("\(figures)")
    }
}
