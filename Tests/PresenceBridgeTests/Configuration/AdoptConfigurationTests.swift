import PresenceAdoption
import Testing

@testable import PresenceBridge

@Suite("Adopt lines in bridge.conf")
struct AdoptConfigurationTests {
    private let sample: ConfigurationSample

    init() throws { sample = try ConfigurationSample() }

    @Test("There may be several, in any order")
    func several() throws {
        let settings = try sample.load(
            """
            adopt tasmota
            port 1884
            adopt   zigbee2mqtt   base=z2  user=z-{name}
            """
        ).settings
        #expect(
            settings.adoption.lines.map(\.text) == ["tasmota", "zigbee2mqtt base=z2 user=z-{name}"]
        )
        #expect(settings.adoption.filters.first?.text == "tele/+/LWT")
        #expect(try sample.load("").settings.adoption.isEmpty)
    }

    @Test("What is wrong is told with its line, all of it")
    func mistakes() throws {
        let problems = try sample.problems(
            """
            adopt tasmotta
            adopt tasmota user
            adopt
            adopt esphome
            adopt home-assistant
            """
        )
        #expect(
            problems == [
                "bridge.conf:2: adopt: 'user' has no value; write 'user=VALUE'",
                "bridge.conf:3: adopt: has no kind; write 'adopt KIND' or 'adopt topic=PATTERN'",
                "bridge.conf:1: adopt: unknown kind 'tasmotta'; did you mean 'tasmota'?",
                "bridge.conf:5: adopt: 'homeassistant/status' overlaps '+/status' of 'adopt esphome'; "
                    + "topic= makes them differ",
            ]
        )
    }

    @Test("The topics of the prefix that holds cannot be adopted, wherever it is set")
    func prefix() throws {
        let line = "adopt topic=app/device/{name}/status"
        #expect(try sample.problems(line) == [])
        let problems = try sample.problems(line, arguments: ["--topic_prefix", "app"])
        #expect(problems.count == 1)
        #expect(
            problems.first?.hasPrefix("bridge.conf:1: adopt: 'app/device/+/status' overlaps")
                == true
        )
    }

    @Test("--check shows each line and where it stands")
    func report() throws {
        let report = try sample.load("\nadopt tasmota\n").report
        #expect(report.contains("adopt") && report.contains("bridge.conf:2"))
    }

    @Test("A line that is changed waits for the next start")
    func reload() throws {
        let before = try sample.load("adopt tasmota")
        let reload = before.compare(with: try sample.load("adopt tasmota\nadopt wled"))
        #expect(reload.waiting.map(\.key) == ["adopt"])
        #expect(reload.waiting.first?.new == "tasmota; wled")
        #expect(reload.configuration.settings.adoption == before.settings.adoption)
        #expect(before.compare(with: before).waiting == [])
    }
}
