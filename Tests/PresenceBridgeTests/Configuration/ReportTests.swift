import Testing

@testable import PresenceBridge

@Suite("--check")
struct ReportTests {
    @Test("The report has a line for every key, with value and source, and no password")
    func report() throws {
        let sample = try ConfigurationSample()
        let configuration = try sample.load(
            "\nmax_devices 10\n",
            arguments: ["--password", "hunter2", "--host=/run/m.sock"],
            environment: ["PRESENCE_BRIDGE_OFFLINE_GRACE": "120"]
        )
        let lines = configuration.report.split(separator: "\n").map(String.init)
        #expect(lines.map { $0.prefix { $0 != " " } } == Setting.all.map { $0.key[...] })
        for line in [
            "host                  /run/m.sock      flag",
            "port                  0                default (given host)",
            "username              (none)           default",
            "password              ********         flag",
            "offline_grace         2m               environment",
            "max_devices           10               \(sample.path("bridge.conf")):2",
        ] {
            #expect(lines.contains(line))
        }
        #expect(!configuration.report.contains("hunter2"))
    }
}
