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
        let (things, deaths) = try adopt(options.size(100_000, quick: 20_000), options)
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
            things,
            deaths,
        ]
    }

    /// What things take more that are adopted, and how long it takes to tell that a gateway with a hundredth of
    /// them has gone.
    private static func adopt(
        _ count: Int,
        _ options: RunOptions
    ) throws -> (things: Finding, deaths: Finding) {
        var bytes: [Double] = []
        var milliseconds: [Double] = []
        for _ in 0..<min(options.rounds, 2) {
            let own = try numbers(["fill-things", "--count", "\(count)"], 3)
            let adopted = try numbers(["fill-things", "--count", "\(count)", "--adopting"], 3)
            bytes.append(Double(adopted[1] - adopted[0] - own[1] + own[0]) / Double(count))
            milliseconds.append(Double(adopted[2]) / 1_000)
        }
        let number = Figure.text(Double(count))
        return (
            Finding(
                scenario: "5  an adopted thing of \(number), beyond a device",
                unit: "bytes",
                rounds: bytes.map { .init(subject: $0) },
                goal: .atMost(24)
            ),
            Finding(
                scenario: "5  a turn in which a gateway with \(count / 100) things has gone",
                unit: "ms",
                rounds: milliseconds.map { .init(subject: $0) },
                goal: .atMost(1_000)
            )
        )
    }

    /// The resident bytes of a new process: at first, with the users, and with the subscriptions.
    private static func fill(_ users: Int, _ online: Int, _ subscriptions: Int) throws -> [Int] {
        try numbers(
            [
                "fill", "--users", "\(users)", "--online", "\(online)",
                "--subscriptions", "\(subscriptions)",
            ],
            3
        )
    }

    /// What a new process of this program prints.
    private static func numbers(_ arguments: [String], _ count: Int) throws -> [Int] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let numbers = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .compactMap { Int($0) }
        guard process.terminationStatus == 0, numbers.count == count else {
            throw LoadError("a process that fills a core ended with \(process.terminationStatus)")
        }
        return numbers
    }
}
