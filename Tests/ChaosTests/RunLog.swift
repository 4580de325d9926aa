import Foundation
import Synchronization

/// What was done in a run, what was found that must not be, and how often each thing was done.
final class RunLog: Sendable {
    private struct State {
        var history: [String] = []
        var findings: [String] = []
        var counts: [String: Int] = [:]
    }

    private let begun = ContinuousClock.now
    private let state = Mutex(State())

    var history: [String] { state.withLock { $0.history } }
    var findings: [String] { state.withLock { $0.findings } }
    var counts: [String: Int] { state.withLock { $0.counts } }

    /// Notes what was done.
    func note(_ words: String) {
        let time = (ContinuousClock.now - begun) / .seconds(1)
        state.withLock { $0.history.append("\(String(format: "%7.2f", time)) \(words)") }
    }

    /// Notes what must not happen.
    func find(_ words: String) {
        note("FOUND \(words)")
        state.withLock { $0.findings.append(words) }
    }

    /// Counts what was done.
    func count(_ what: String, _ number: Int = 1) {
        state.withLock { $0.counts[what, default: 0] += number }
    }
}
