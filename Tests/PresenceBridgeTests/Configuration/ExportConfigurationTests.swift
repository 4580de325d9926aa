import Presence
import PresenceAdoption
import Testing

@testable import PresenceBridge

@Suite("The export line in bridge.conf")
struct ExportConfigurationTests {
    private let sample: ConfigurationSample

    init() throws { sample = try ConfigurationSample() }

    @Test("It says who is described, and where")
    func line() throws {
        let export = try sample.load("export  home-assistant  users=alice,bob  prefix=ha").settings
            .export
        #expect(export?.text == "home-assistant users=alice,bob prefix=ha")
        #expect(export?.users == [Name(checked: "alice"), Name(checked: "bob")])
        #expect(export?.prefix == "ha")
        #expect(try sample.load("").settings.export == nil)
        #expect(try sample.load("export home-assistant").settings.export?.users == nil)
    }

    @Test("What is wrong is told with its line, and it stands once")
    func mistakes() throws {
        #expect(
            try sample.problems("export home-asistant") == [
                "bridge.conf:1: export: unknown kind 'home-asistant'; did you mean 'home-assistant'?"
            ]
        )
        #expect(
            try sample.problems("export home-assistant\nexport home-assistant prefix=x") == [
                "bridge.conf:2: export: is already set on bridge.conf:1"
            ]
        )
        #expect(
            try sample.problems("export home-assistant users=*,alice") == [
                "bridge.conf:1: export: users has '*', which is everyone, beside others; write users=*, or the names alone"
            ]
        )
        let below = try sample.problems(
            "export home-assistant prefix=app/x",
            arguments: ["--topic_prefix", "app"]
        )
        #expect(
            below == ["bridge.conf:1: export: prefix 'app/x' is that of the bridge's own topics"]
        )
    }

    @Test("Lines of the file are neither flags nor variables, which is said")
    func flags() throws {
        let problems = try sample.problems(
            "",
            arguments: ["--adopt", "tasmota", "--export=home-assistant"],
            environment: ["PRESENCE_BRIDGE_ADOPT": "tasmota"]
        )
        func words(_ key: String) -> String {
            "stands in the configuration file alone: write '\(key) KIND' there, and --config FILE here"
        }
        #expect(
            problems == [
                "environment: PRESENCE_BRIDGE_ADOPT: \(words("adopt"))",
                "flag: --adopt: \(words("adopt"))", "flag: --export: \(words("export"))",
            ]
        )
    }

    @Test("--check shows it, and a change of it waits for the next start")
    func report() throws {
        let before = try sample.load("\nexport home-assistant\n")
        #expect(before.report.contains("export") && before.report.contains("bridge.conf:2"))
        let reload = before.compare(with: try sample.load("export home-assistant users=alice"))
        #expect(reload.waiting.map(\.key) == ["export"])
        #expect(reload.waiting.first?.new == "home-assistant users=alice")
        #expect(reload.configuration.settings.export == before.settings.export)
    }
}
