import BrokerFixture
import Foundation
import Presence

/// A Prometheus on a free port, which asks a bridge for its metrics each second.
struct Prometheus {
    private static let root = URL(filePath: #filePath)
        .appending(path: "../../../..").standardized.path

    /// Where Debian's package was unpacked by `scripts/fetch-prometheus.sh`, if a system has none installed.
    private static let unpacked = root + "/.build/prometheus/usr/bin/"

    /// The path of a program of Prometheus's; `nil` where there is none.
    static func program(_ name: String) -> String? {
        (["/usr/bin/", "/usr/local/bin/", unpacked].map { $0 + name })
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether its programs are here.
    static var isThere: Bool { program("prometheus") != nil && program("promtool") != nil }

    /// The path of a file among the examples.
    static func example(_ name: String) -> String { root + "/examples/" + name }

    private let process: Child
    private let http: HTTPClient

    /// Starts one with the rules of the examples.
    init(asking bridge: HTTPClient, folder: TemporaryFolder) throws {
        guard let program = Self.program("prometheus") else { throw FixtureError("no Prometheus") }
        let (descriptor, port) = try Ports.listen()
        close(descriptor)
        let configuration = """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ["\(Self.example("prometheus/presence.rules.yml"))"]
            scrape_configs:
              - job_name: presence-bridge
                authorization: {credentials: "\(bridge.secrets["monitor"] ?? "")"}
                static_configs: [{targets: ["127.0.0.1:\(bridge.port)"]}]
            """
        let path = try folder.write(configuration, to: "prometheus.yml")
        process = try Child(
            program,
            [
                "--config.file=\(path)", "--storage.tsdb.path=\(folder.file("tsdb"))",
                "--web.listen-address=127.0.0.1:\(port)",
            ]
        )
        http = HTTPClient(base: "http://127.0.0.1:\(port)")
    }

    func end() { process.kill() }

    /// What it answers to a query now: one entry for each series.
    ///
    /// - Throws: where it does not answer, or does not understand the query.
    func query(_ expression: String) async throws -> [JSONValue] {
        let answer = try await http.call(
            "GET",
            "/api/v1/query",
            token: nil,
            extra: ["-G", "--data-urlencode", "query=\(expression)"]
        )
        guard let result = try answer.json["data"]?["result"]?.array else {
            throw FixtureError("\(expression): \(answer.body)")
        }
        return result
    }

    /// What went wrong with its rules; empty where each was evaluated.
    func faultsOfRules() async throws -> [String] {
        let answer = try await http.call("GET", "/api/v1/rules", token: nil)
        let groups = try answer.json["data"]?["groups"]?.array ?? []
        let rules = groups.flatMap { $0["rules"]?.array ?? [] }
        guard !rules.isEmpty else { return ["no rules: \(answer.body)"] }
        return rules.filter { $0["health"]?.string != "ok" }.map { "\($0)" }
    }
}
