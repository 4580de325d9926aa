import CoreLoad
import Foundation

/// What a million users and their subscriptions take, in a process that holds nothing else.
enum MemoryScenario: Scenario {
    static let number = 5
    static let title = "memory of a million users and twenty million subscriptions"

    static func run(_ options: RunOptions) throws -> [Finding] {
        let users = options.size(1_000_000, quick: 100_000)
        let (online, subscriptions) = (users / 10, users * 20)
        var perUser: [Double] = []
        var perSubscription: [Double] = []
        // It is the same each time: a second run shows that, and more would show nothing.
        for _ in 0..<min(options.rounds, 2) {
            let sizes = try fill(users, online, subscriptions)
            perUser.append(Double(sizes[1] - sizes[0]) / Double(users))
            perSubscription.append(Double(sizes[2] - sizes[1]) / Double(subscriptions))
        }
        let crowd =
            "\(Figure.text(Double(users))) users, \(Figure.text(Double(online))) online"
        return [
            Finding(
                scenario: "5  a subscription of \(Figure.text(Double(subscriptions)))",
                unit: "bytes",
                rounds: perSubscription.map { .init(subject: $0) },
                goal: .atMost(16, firstBar: 20),
                remarks: ["two compact entries, without what holds them, are 12 bytes"]
            ),
            Finding(
                scenario: "5  a user of \(crowd)",
                unit: "bytes",
                rounds: perUser.map { .init(subject: $0) },
                goal: .atMost(128, firstBar: 180)
            ),
        ]
    }

    /// The resident bytes of a new process: at first, with the users, and with the subscriptions.
    private static func fill(_ users: Int, _ online: Int, _ subscriptions: Int) throws -> [Int] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "fill", "--users", "\(users)", "--online", "\(online)",
            "--subscriptions", "\(subscriptions)",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let sizes = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .compactMap { Int($0) }
        guard process.terminationStatus == 0, sizes.count == 3 else {
            throw LoadError("a process that fills a core ended with \(process.terminationStatus)")
        }
        return sizes
    }
}
