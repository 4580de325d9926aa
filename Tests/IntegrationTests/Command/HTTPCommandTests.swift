import BrokerFixture
import Foundation
import Presence
import Testing

/// `presence --url`: the same commands where there is no MQTT.
@Suite("The command line over HTTP")
struct HTTPCommandTests {
    /// What makes the command speak HTTP, and lets it find no broker.
    private func environment(
        _ service: Service,
        _ http: HTTPClient,
        _ user: String?,
        token: String? = "all",
        url: String? = nil
    ) -> [String: String] {
        [
            "PRESENCE_HOST": "", "PRESENCE_PORT": "1", "PRESENCE_USERNAME": user ?? "",
            "PRESENCE_PASSWORD": "", "PRESENCE_URL": url ?? http.base,
            "PRESENCE_TOKEN": token.map { http.secrets[$0] ?? $0 } ?? "",
        ]
    }

    private func run(
        _ service: Service,
        _ user: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> Service.Run {
        let child = try Child(
            Service.command,
            arguments,
            environment: service.environment(user).merging(environment) { $1 }
        )
        let exit = try await child.wait(timeout: .seconds(20))
        return Service.Run(exit: exit, output: child.output, errors: child.errors)
    }

    @Test("Each command prints over HTTP what it prints over MQTT, byte for byte")
    func sameOutput() async throws {
        let (service, http) = try await Service.startWithHTTP(["history_keep": "1d"])
        defer { service.end() }
        let bob = try await service.device("bob", "phone", birth: "busy")
        try await service.status(of: "bob", is: "busy")
        for arguments in [
            ["say", "back at 5", "--for", "12h", "--json"], ["say", "back at 5"],
            ["get", "bob", "nobody", "zoë"], ["get", "bob", "nobody", "--json"],
            ["online"], ["online", "--json"], ["online", "--count"],
            ["subscribe", "bob", "alice", "--for", "12h"], ["subscribe", "bob"],
            ["subscriptions"], ["watchers"], ["unsubscribe", "bob", "eve"],
            ["unsubscribe", "--all", "--json"], ["subscriptions"], ["history"],
            ["history", "--json", "--last", "1h"], ["history", "--limit", "1"],
            // What is refused, and how.
            ["say", String(repeating: "x", count: 1_025)], ["get", "a/b"],
            ["subscribe", "bob", "--for", "31d"], ["get"],
        ] {
            // Each is done by both, the second time over what the first has done.
            let user = "bob"
            let ends = arguments[0] == "unsubscribe"
            if ends { try await restore(service, user) }
            let byBroker = try await run(service, user, arguments)
            if ends { try await restore(service, user) }
            let byHTTP = try await run(
                service,
                user,
                arguments,
                environment: environment(service, http, user)
            )
            if arguments[0] == "subscribe" {
                // The second subscription may end in another minute.
                #expect(byHTTP.lines.map(withoutEnd) == byBroker.lines.map(withoutEnd))
            } else {
                #expect(byHTTP.output == byBroker.output, "\(arguments)")
            }
            #expect(byHTTP.errors == byBroker.errors, "\(arguments)")
            #expect(byHTTP.exit == byBroker.exit, "\(arguments)")
        }
        keep(bob)
    }

    /// A line without its last column.
    private func withoutEnd(_ line: String) -> String {
        line.split(separator: " ").dropLast(2).joined(separator: " ")
    }

    /// Makes anew what `unsubscribe` has ended.
    private func restore(_ service: Service, _ user: String) async throws {
        _ = try await run(service, user, ["subscribe", "bob", "alice"])
    }

    @Test("watch follows the log of changes, through a restart of the bridge")
    func watch() async throws {
        let (service, http) = try await Service.startWithHTTP(["history_keep": "1d"])
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        let place = ["http_listen": String(http.base.dropFirst("http://".count))]
        // From now on it listens where it listened before.
        try await service.stopBridge()
        try await service.startBridge(place)
        _ = try await service.bridgeProcess?.line(with: "ready")
        let watch = try service.start(
            "alice",
            "watch",
            "bob",
            "carol",
            environment: environment(service, http, nil)
        )
        defer { watch.kill() }
        try await watch.written("\tbob\tonline\t")
        try await watch.written("\tcarol\toffline\t")
        try await bob.state("away")
        try await watch.written("\tbob\taway\t")
        let dave = try await service.device("dave", "phone")
        try await service.killBridge()
        try await watch.line(with: "no connection: statuses may be stale")
        try await service.startBridge()
        let carol = try await service.device("carol", "phone")
        try await watch.written("\tcarol\tonline\t")
        try await watch.line(with: "all is well again")
        #expect(!watch.lines.contains { $0.contains("\tdave\t") })
        #expect(try await watch.terminate() == .code(0))
        keep(dave)
        keep(carol)
    }

    @Test("watch without names is about those whom the user is subscribed to")
    func subscribed() async throws {
        let (service, http) = try await Service.startWithHTTP(["history_keep": "1d"])
        defer { service.end() }
        let alone = try await run(
            service,
            "alice",
            ["watch"],
            environment: environment(service, http, "alice")
        )
        #expect(alone.exit == .code(2))
        #expect(alone.errors.contains("you are subscribed to nobody"))
        _ = try await run(service, "alice", ["subscribe", "bob"])
        let watch = try service.start(
            "alice",
            "watch",
            "--json",
            environment: environment(service, http, "alice")
        )
        defer { watch.kill() }
        try await watch.written(#""username":"bob","online":false"#)
        let bob = try await service.device("bob", "phone")
        try await watch.written(#""username":"bob","online":true"#)
        #expect(try await watch.terminate() == .code(0))
        keep(bob)
    }

    @Test("It is spoken over TLS, and to nobody whose certificate is not trusted")
    func encrypted() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let proxy = try await TLSProxy(to: http.port)
        defer { proxy.end() }
        let url = "https://localhost:\(proxy.port)/"
        let trusted = try await run(
            service,
            "alice",
            ["get", "bob", "--json", "--cafile", proxy.authority],
            environment: environment(service, http, nil, url: url)
        )
        #expect(trusted.exit == .code(0), "\(trusted.errors)")
        #expect(trusted.output.hasPrefix(#"[{"username":"bob""#))
        let foreign = try await run(
            service,
            "alice",
            ["get", "bob"],
            environment: environment(service, http, nil, url: url)
        )
        #expect(foreign.exit == .code(3))
        #expect(foreign.errors.contains("certificate"), "\(foreign.errors)")
    }

    @Test("What it lacks or cannot do it says")
    func faults() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let token = try service.broker.folder.write("\n", to: "empty")
        for (arguments, user, tokenName, url, code, words) in [
            (["get", "bob"], nil, nil, nil, Int32(2), "PRESENCE_URL wants a token"),
            (["get", "bob"], nil, "presence_no", nil, 3, "does not know this token"),
            (["get", "bob"], nil, "monitor", nil, 1, "(forbidden)"),
            (["get", "bob", "--token-file", "/none"], nil, nil, nil, 2, "cannot be read"),
            (["get", "bob", "--token-file", token], nil, nil, nil, 2, "is empty"),
            (["get", "bob"], nil, "all", "http://127.0.0.1:1", 3, "no answer of http://127"),
            (["get", "bob"], nil, "all", "mqtt://localhost", 2, "is no URL of a bridge"),
            (["say", "x"], nil, "all", nil, 2, "A token is nobody's: give --username"),
            (["say", "x"], "bob", "reader", nil, 1, "(forbidden)"),
            (["set", "busy"], "bob", "all", nil, 2, "this needs MQTT"),
            (["top"], "bob", "all", nil, 2, "this needs MQTT"),
            (["watch", "bob"], nil, "all", nil, 1, "history_keep"),
            (["history"], "bob", "all", nil, 1, "(forbidden)"),
        ] as [([String], String?, String?, String?, Int32, String)] {
            let done = try await run(
                service,
                "alice",
                arguments,
                environment: environment(service, http, user, token: tokenName, url: url)
            )
            #expect(done.exit == .code(code), "\(arguments): \(done.errors)")
            #expect(done.errors.contains(words), "\(arguments): \(done.errors)")
        }
        // A broker that a flag names stands over a URL of the environment.
        let broker = try await run(
            service,
            "alice",
            ["get", "bob", "--host", service.broker.host, "--port", "\(service.broker.port)"],
            environment: ["PRESENCE_URL": "http://127.0.0.1:1"]
        )
        #expect(broker.exit == .code(0), "\(broker.errors)")
    }
}
