import BrokerFixture
import Foundation
import Testing

/// The man pages and completions that are made from what the programs say of themselves.
@Suite("The manual")
struct ManualTests {
    private let manual: TemporaryFolder

    init() throws {
        manual = try Manual.make().folder
    }

    @Test(
        "mandoc finds nothing to complain about",
        .enabled(if: Program.isInstalled("mandoc"), "there is no mandoc"),
        arguments: ["presence.1", "presence-bridge.conf.5", "presence-bridge.8"]
    )
    func lint(_ page: String) async throws {
        let lint = ["-T", "lint", "-W", "style", manual.file("man/\(page)")]
        #expect(try await Child.run("mandoc", lint) == "")
    }

    @Test("presence(1) has each command, and presence-bridge.conf(5) each key")
    func completeness() async throws {
        let help = try await Child.run("\(Installation.built)/presence-bridge", ["--help"])
        let keys = help.matches(of: #/\n  --([a-z_]+) [^\n]*\n {6}[^ ]/#).map { String($0.1) }
        #expect(keys.count > 40)
        let entries = manual.read("man/presence-bridge.conf.5")
            .matches(of: /\.TP\n\\fB([a-z_]+)\\fR\n/).map { String($0.1) }
        #expect(entries == keys)

        let commands = manual.read("man/presence.1").matches(of: /\.SS "([a-z]+)"/)
        let names = commands.map { String($0.1) }
        #expect(names.contains("watch") && names.contains("top") && names.count == 11)
        let bridge = manual.read("man/presence-bridge.8")
        for command in ["doctor", "learn", "token", "why"] {
            #expect(bridge.contains(".SS \"\(command)\""))
        }
    }

    @Test(
        "bash completes commands, keys and their values",
        arguments: [
            ("presence wa", "watch watchers"), ("presence set b", "busy"),
            ("presence-bridge le", "learn"), ("presence-bridge wh", "why"),
            ("presence-bridge doctor --js", "--json"),
            ("presence-bridge token shop m", "metrics"),
            ("presence-bridge --max_d", "--max_devices --max_description"),
            ("presence-bridge --check --http_l", "--http_listen"),
            ("presence-bridge --log_level w", "warning"),
            ("presence-bridge --config /etc/passw", "/etc/passwd"),
        ]
    )
    func completion(line: String, expected: String) async throws {
        let words = line.split(separator: " ").map(String.init)
        // What bash itself does at the press of the key.
        let script = """
            . "$1" && shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=$(printf %s "$*" | wc -c)
            "_$1" "$1" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let file = manual.file("completions/bash/\(words[0])")
        let output = try await Child.run("bash", ["-c", script, "bash", file] + words)
        let offers = Set(output.split(separator: "\n").map(String.init))
        let missing = Set(expected.split(separator: " ").map(String.init)).subtracting(offers)
        #expect(missing == [])
        let word = words[words.count - 1]
        #expect(offers.allSatisfy { $0.hasPrefix(word) }, "\(offers)")
    }
}
