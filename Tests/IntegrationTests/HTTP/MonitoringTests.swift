import BrokerFixture
import Foundation
import Presence
import Testing

@Suite("What monitors the bridge", .enabled(if: Prometheus.isThere, "Prometheus is not here"))
struct MonitoringTests {
    @Test("promtool is content with the alerts, and each fires when it should")
    func rules() async throws {
        let tool = try #require(Prometheus.program("promtool"))
        for arguments in [
            ["check", "rules", Prometheus.example("prometheus/presence.rules.yml")],
            ["test", "rules", Prometheus.example("prometheus/presence.rules.test.yml")],
        ] {
            let check = try Child(tool, arguments)
            #expect(try await check.wait() == .code(0), "\(check.output)\(check.errors)")
        }
    }

    @Test("Each query of the dashboard finds something in a Prometheus that asks a bridge")
    func dashboard() async throws {
        let (service, http) = try await Service.startWithHTTP(["webhook": "http://127.0.0.1:9/hook"]
        )
        defer { service.end() }
        let folder = try TemporaryFolder()
        let prometheus = try Prometheus(asking: http, folder: folder)
        defer { prometheus.end() }
        try await eventually("the bridge is scraped") {
            let ready = try? await prometheus.query("presence_ready == 1")
            return ready?.isEmpty == false ? true : nil
        }
        let text = try Data(contentsOf: URL(filePath: Prometheus.example("grafana/presence.json")))
        let dashboard = try JSONValue(parsing: Array(text))
        let targets = (dashboard["panels"]?.array ?? []).flatMap { $0["targets"]?.array ?? [] }
        #expect(targets.count > 20)
        let alice = try await service.client("alice")
        let bob = try await service.client("bob")
        _ = try await service.result(bob, "subscribe", #"{"usernames":["alice"]}"#)
        for target in targets {
            let expression = try #require(target["expr"]?.string)
                .replacing("$instance", with: ".*").replacing("$__rate_interval", with: "30s")
            try await eventually("an answer to \(expression)") {
                // Rates and quantiles want changes between two scrapes.
                for word in ["online", "away"] {
                    try await alice.publish("presence/device/alice/test", word, retain: true)
                }
                let values = try await prometheus.query(expression)
                    .compactMap { $0["value"]?.array?.last?.string }
                return values.contains { $0 != "NaN" } ? true : nil
            }
        }
        #expect(try await prometheus.faultsOfRules() == [])
        #expect(try await prometheus.query(#"ALERTS{alertstate="firing"}"#).isEmpty)
    }
}
