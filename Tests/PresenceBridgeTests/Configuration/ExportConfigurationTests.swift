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
        let below = try sample.problems(
            "export home-assistant prefix=app/x",
            arguments: ["--topic_prefix", "app"]
        )
        #expect(
            below == ["bridge.conf:1: export: prefix 'app/x' is that of the bridge's own topics"]
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
