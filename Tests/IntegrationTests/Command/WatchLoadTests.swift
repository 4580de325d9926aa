import BrokerFixture
import Foundation
import Mosquitto
import Testing

@Suite(
    "A watch of many",
    .service(["request_rate": "1000"]),
    .enabled(if: Terminal.isThere, "Debian's package tmux is not installed")
)
struct WatchLoadTests {
    #if DEBUG
    /// Built for debugging it takes three times as much as it is shipped.
    private static let mostShare = 0.1
    #else
    private static let mostShare = 0.05
    #endif

    /// The processor time that a process has used, in seconds.
    private func processorTime(_ pid: String) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    @Test("A thousand users with a hundred changes a second stay readable, and cost little")
    func thousand() async throws {
        let service = try Service.current
        let users = (1_000..<2_000).map { "user\($0)" }
        try await service.bringOnline(Array(users.prefix(400)))
        let folder = try TemporaryFolder()
        try folder.write(users.joined(separator: " "), to: "names")
        let terminal = try await Terminal(
            columns: 100,
            rows: 40,
            environment: service.environment("alice")
        )
        try await terminal.type(
            "sh -c 'echo $$ >\(folder.file("pid")); exec \(Service.command) watch "
                + "$(cat \(folder.file("names")))'"
        )
        try await terminal.shows("the roster") { $0[0] == "400 of 1000 online" }
        let pid = folder.read("pid").trimmingCharacters(in: .newlines)
        let speaker = try await service.speaker()
        let seconds = 6
        let before = try processorTime(pid)
        let begun = ContinuousClock.now
        for round in 0..<(seconds * 10) {
            // Changes of the word, which are on the screen for the first users of all.
            for number in 0..<10 {
                let change = round * 10 + number
                // Each comes round with another word than the last time.
                let user = users[change * 7 % 400]
                let word = (change / 400).isMultiple(of: 2) ? "busy" : "away"
                let topic = "presence/device/\(user)/desk"
                try await speaker.publish(topic, word, qos: 0, retain: true)
            }
            try await Task.sleep(until: begun + .milliseconds(100 * (round + 1)))
        }
        let share = (try processorTime(pid) - before) / Double(seconds)
        print("a watch of 1,000 users with 100 changes a second takes \(share * 100) % of a core")
        let page = try await terminal.shows("a whole page") {
            $0[0] == "400 of 1000 online"
                && $0[39] == "and 963 more, 363 of them online · ? keys · q quits"
        }
        let names = page[2..<39].map { $0.split(separator: " ").first.map(String.init) }
        #expect(names == users.prefix(37).map(Optional.some))
        #expect(page.allSatisfy { $0.count <= 100 })
        #expect(share < Self.mostShare)
        let words = Set(page[2..<39].compactMap { $0.split(separator: " ").dropFirst(2).first })
        #expect(words == ["busy", "away"])
        try await terminal.press("C-c")
        try await terminal.prompts()
    }
}
