import BrokerFixture
import Foundation

/// Awaits what no message tells, such as a line in a log: looks again and again.
///
/// - Parameters:
///   - what: What is awaited, for the error when it does not come.
///   - pause: The time between two looks.
///   - log: What the error shows besides, as far as its end goes.
///   - find: Looks for it; `nil` while it is not there.
@discardableResult
func eventually<Result>(
    _ what: String,
    within limit: Duration = .seconds(20),
    every pause: Duration = .milliseconds(10),
    log: @autoclosure () -> String = "",
    _ find: () async throws -> Result?
) async throws -> Result {
    let end = ContinuousClock.now + limit
    while true {
        if let result = try await find() { return result }
        guard ContinuousClock.now < end else {
            throw FixtureError("waited \(limit) in vain for: \(what)\n\(log().suffix(4_000))")
        }
        try await Task.sleep(for: pause)
    }
}

extension Child {
    /// Awaits a line of the log that has all these words, and returns it.
    @discardableResult
    func line(with words: String...) async throws -> String {
        try await eventually("a line with \(words)", log: errors) {
            errors.split(separator: "\n").map(String.init).first { line in
                words.allSatisfy { line.localizedCaseInsensitiveContains($0) }
            }
        }
    }

    /// How many lines of the log have these words.
    func count(_ words: String) -> Int {
        errors.split(separator: "\n").count { $0.localizedCaseInsensitiveContains(words) }
    }
}
