import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite(
    "A watch in a terminal",
    .service(["device_rate": "1000", "offline_grace": "100ms"]),
    .enabled(if: Terminal.isThere, "Debian's package tmux is not installed")
)
struct WatchTerminalTests {
    private func open(
        _ user: String,
        columns: Int,
        rows: Int,
        _ command: String
    ) async throws -> Terminal {
        let terminal = try await Terminal(
            columns: columns,
            rows: rows,
            environment: try Service.current.environment(user)
        )
        try await terminal.type(
            "clear; echo before; \(Service.command) \(command); echo \"code $?\""
        )
        return terminal
    }

    @Test("Without a password it asks for one, which is not shown, and Ctrl-C ends that")
    func password() async throws {
        let service = try Service.current
        let terminal = try await Terminal(
            columns: 100,
            rows: 10,
            environment: service.environment("alice").merging(["PRESENCE_PASSWORD": ""]) { $1 }
        )
        let prompt = "Password for alice (Enter for none):"
        try await terminal.type("clear; \(Service.command) online --count; echo \"code $?\"")
        try await terminal.shows("the question") { $0[0] == prompt }
        try await terminal.type("alice")
        let done = try await terminal.shows("the end") { $0.contains("code 0") }
        #expect(done[0] == prompt)
        try await terminal.type("clear; \(Service.command) online --count; echo \"code $?\"")
        try await terminal.shows("another question") { $0[0] == prompt && !$0.contains("code 0") }
        try await terminal.type("wrong")
        try await terminal.shows("the refusal") { $0.contains("code 3") }
        try await terminal.type("clear; \(Service.command) online --count; echo \"code $?\"")
        try await terminal.shows("a third one") { $0[0] == prompt && !$0.contains("code 3") }
        try await terminal.press("C-c")
        try await terminal.prompts()
        // What is typed is shown again.
        try await terminal.type("echo back")
        try await terminal.shows("the shell as it was") { $0.contains { $0.contains("echo back") } }
    }

    @Test(
        "It is redrawn in place, fits the window, and gives the terminal back",
        arguments: ["C-c", "q"]
    )
    func roster(end: String) async throws {
        let service = try Service.current
        let users = (1...9).map { "u\($0)-\(end.count)" }
        try await service.bringOnline(Array(users.prefix(5)))
        let user = end == "q" ? "alice" : "bob"
        let terminal = try await open(
            user,
            columns: 100,
            rows: 14,
            "watch \(users.joined(separator: " "))"
        )
        let wide = try await terminal.shows("five of nine") { $0[0] == "5 of 9 online" }
        #expect(
            wide[1].split(separator: " ") == ["NAME", "STATUS", "DESCRIPTION", "DEVICES", "SINCE"]
        )
        #expect(
            wide[2].split(separator: " ") == [Substring(users[0]), "●", "online", "desk", "now"]
        )
        let last = [Substring(users[8]), "○", "offline", "never", "seen"]
        #expect(wide[10].split(separator: " ") == last)
        #expect(wide[11].isEmpty)

        try await terminal.resize(columns: 40, rows: 6)
        try await terminal.shows("what does not fit") { $0[5] == "and 6 more, 2 of them online" }
        try await terminal.resize(columns: 20, rows: 12)
        try await terminal.shows("a narrow page") {
            $0[2] == "\(users[0])  ● online" && $0[11].isEmpty
        }
        let speaker = try await service.speaker()
        try await speaker.publish("presence/device/\(users[0])/desk", "busy", retain: true)
        try await terminal.shows("a change") { $0[2] == "\(users[0])  ● busy" }
        let colored = try await terminal.lines(colored: true)
        #expect(colored[2].contains("[31m"))

        try await terminal.press(end)
        try await terminal.shows("the shell") { $0[0] == "before" && $0.contains("code 0") }
        try await terminal.type("stty -a")
        try await terminal.shows("echo and lines") { lines in
            let words = Set(lines.joined(separator: " ").split(separator: " "))
            return words.contains("echo") && words.contains("icanon")
        }
        try await eventually("the end of its subscriptions") {
            try await service.run(user, "subscriptions", "--json").output == "[]\n" ? true : nil
        }
    }

    @Test("It scrolls, filters, and tells its keys")
    func keys() async throws {
        let service = try Service.current
        let users = (10...39).map { "k\($0)" }
        try await service.bringOnline([users[20], users[25]])
        let terminal = try await open(
            "dave",
            columns: 80,
            rows: 10,
            "watch \(users.joined(separator: " "))"
        )
        try await terminal.shows("the first seven") {
            $0[2].hasPrefix("k30 ") && $0[9] == "and 23 more · ? keys · q quits"
        }
        try await terminal.press("Down")
        try await terminal.shows("one further") {
            $0[2].hasPrefix("k35 ") && $0[9].hasPrefix("1 above, 22 below")
        }
        try await terminal.press("End")
        try await terminal.shows("the last") {
            $0[8].hasPrefix("k39 ") && $0[9].contains(" 0 below")
        }
        try await terminal.press("PageUp")
        try await terminal.press("g")
        try await terminal.shows("the first") { $0[2].hasPrefix("k30 ") }
        try await terminal.press("o")
        try await terminal.shows("those who are online") {
            $0[0] == "2 of 30 online · only these" && $0[3].hasPrefix("k35 ") && $0[4].isEmpty
        }
        try await terminal.press("o")
        try await terminal.press("/")
        try await terminal.press("9")
        try await terminal.shows("what is typed") {
            $0[9] == "/9▏" && $0[0] == "2 of 30 online · 3 with \"9\""
        }
        // A q is a letter there.
        try await terminal.press("q")
        try await terminal.shows("nobody") { $0[0].hasSuffix("0 with \"9q\"") }
        try await terminal.press("BSpace")
        try await terminal.press("Enter")
        try await terminal.shows("three") { $0[4].hasPrefix("k39 ") && $0[5].isEmpty }
        try await terminal.press("Escape")
        try await terminal.shows("all") { $0[0] == "2 of 30 online" }
        try await terminal.press("?")
        try await terminal.shows("the keys") { $0[2].hasPrefix("↑ ↓") && $0[8].hasPrefix("?") }
        try await terminal.press("?")
        try await terminal.shows("all") { $0[2].hasPrefix("k30 ") }
        try await terminal.press("q")
        try await terminal.shows("the shell") { $0[0] == "before" && $0.contains("code 0") }
    }

    @Test("Ctrl-Z leaves the terminal to the shell, and fg comes back")
    func suspended() async throws {
        let terminal = try await open("carol", columns: 60, rows: 10, "watch zed")
        try await terminal.shows("the roster") { $0[0] == "0 of 1 online" }
        try await terminal.press("C-z")
        #expect(try await terminal.prompts()[0] == "before")
        try await terminal.type("fg")
        try await terminal.shows("the roster") { $0[0] == "0 of 1 online" }
        try await terminal.press("C-c")
        try await terminal.shows("the shell") { $0[0] == "before" }
    }

    @Test("Without colour it shows the same, and a dumb terminal gets lines")
    func plain() async throws {
        let service = try Service.current
        try await service.bringOnline(["plain"])
        var environment = service.environment("dave")
        environment["NO_COLOR"] = "1"
        let terminal = try await Terminal(columns: 60, rows: 10, environment: environment)
        try await terminal.type("NO_COLOR=1 \(Service.command) watch plain")
        try await terminal.shows("the roster") { $0[0] == "1 of 1 online" }
        #expect(try await terminal.lines(colored: true)[2].contains("\u{1B}[") == false)
        try await terminal.press("C-c")
        try await terminal.prompts()
        try await terminal.type("clear; TERM=dumb \(Service.command) watch plain")
        try await terminal.shows("a line") { lines in
            lines.contains { $0.contains("plain") && $0.contains("online") && $0.hasPrefix("20") }
        }
        try await terminal.press("C-c")
    }

    @Test("That the bridge is away is said above all, until everything is caught up on", .service())
    func bridgeAway() async throws {
        let service = try Service.current
        try await service.bringOnline(["stale"])
        let terminal = try await open("alice", columns: 80, rows: 8, "watch stale")
        try await terminal.shows("the roster") { $0[0] == "1 of 1 online" }
        try await service.killBridge()
        try await terminal.shows("a warning") {
            $0[0] == "the bridge is away: statuses may be stale"
        }
        let speaker = try await service.speaker()
        try await speaker.publish("presence/device/stale/desk", "lost", retain: true)
        try await service.startBridge()
        try await terminal.shows("what was missed") {
            $0[0] == "0 of 1 online" && $0[2].contains("offline")
        }
        // A broker that is gone is told as well, and so is the end.
        service.broker.kill()
        try await terminal.shows("a warning") { $0[0].hasPrefix("no connection: statuses may be") }
        try await terminal.press("C-c")
        try await terminal.shows("the shell") { $0[0] == "before" && $0.contains("code 0") }
    }

    @Test("An error gives the terminal back and is read there")
    func error() async throws {
        let terminal = try await open("alice", columns: 80, rows: 8, "watch --all")
        try await terminal.shows("the error") { lines in
            lines[0] == "before" && lines.contains("code 1")
                && lines.contains { $0.contains("(forbidden)") }
        }
    }

    @Test("top is redrawn in place")
    func top() async throws {
        let terminal = try await open("monitor", columns: 60, rows: 24, "top")
        try await terminal.shows("numbers") { lines in
            lines[0].hasPrefix("presence-bridge · up ")
                && lines.contains { $0.hasPrefix("users online") }
                && lines.contains { $0.hasPrefix("1 bridge · q quits") }
        }
        let later = try await terminal.shows("rates, how all has gone, and latencies") { lines in
            lines[1].contains("A SECOND  LAST ")
                && lines.contains { $0.contains(/^requests  +\d+ +\d+\.\d +[▁-█]{2,}/) }
                && lines.contains { $0.contains(/^a turn  +\d+[. 0-9]*(µs|ms) +\d/) }
        }
        #expect(later.contains { $0.hasPrefix("1 bridge · q quits") && !$0.contains("- until") })
        try await terminal.press("q")
        try await terminal.shows("the shell") { $0[0] == "before" && $0.contains("code 0") }
    }
}
