import BrokerFixture
import Foundation
import Presence
import Testing

/// "Why is bob offline?", answered by the bridge that runs.
@Suite("presence-bridge why")
struct WhyTests {
    private struct Run {
        let exit: Child.Exit
        let output: String
        let errors: String
    }

    private func why(
        _ service: Service,
        _ arguments: [String],
        listen: String?,
        token: String? = nil
    ) async throws -> Run {
        var all = ["why"] + arguments
        if let listen { all += ["--http_listen", listen] }
        let child = try Child(
            Service.executable,
            all,
            environment: ["PRESENCE_TOKEN": token ?? ""],
            folder: service.broker.folder
        )
        return Run(exit: try await child.wait(), output: child.output, errors: child.errors)
    }

    private func place(_ http: HTTPClient) -> String {
        http.socket ?? String(http.base.dropFirst("http://".count))
    }

    @Test(
        "It says what holds and why, over TCP and over a Unix socket",
        arguments: [false, true]
    )
    func answer(isSocket: Bool) async throws {
        let (service, http) = try await Service.startWithHTTP(
            ["history_keep": "1d", "offline_grace": "60s"],
            socket: isSocket
        )
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        try await bob.state("offline")
        try await service.status(of: "bob", is: "offline")
        let laptop = try await service.client("bob")
        try await laptop.publish("presence/device/bob/laptop", "away", retain: true)
        try await laptop.publish("presence/device/bob/laptop", "lost", retain: true)
        try await service.bridgeProcess?.line(with: "a grace of 1m has begun for bob's laptop")
        try await laptop.publish("presence/device/bob/tv", "Out to lunch", retain: true)
        try await service.bridgeProcess?.line(with: "refused a statement", "bob/tv")
        let place = place(http)
        let run = try await why(service, ["bob"], listen: place, token: http.secrets["reader"])
        #expect(run.exit == .code(0), "\(run.errors)")
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("bob is away, and online since 20") == true, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("laptop: counts as away; it said lost at 20") })
        let grace = #/  a grace runs \(lost\): it has (60|5\d|1) (s|min) to come back/#
        #expect(lines.contains { $0.wholeMatch(of: grace) != nil }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("phone: counts as offline; it said offline") })
        #expect(lines.contains { $0.hasPrefix("tv: a statement was refused at 20") })
        #expect(lines.contains("subscribed to 0 users; watched by 0 users"))
        #expect(lines.last?.contains("online: online, phone online") == true, "\(lines)")

        let file = try service.broker.folder.write(
            "token: \(try #require(http.secrets["reader"]))\nline: x\n",
            to: "secret"
        )
        let json = try await why(
            service,
            ["bob", "--json", "--token-file", file],
            listen: place
        )
        let value = try JSONValue(parsing: Array(json.output.utf8)).object
        #expect(value?["status"]?.object?["status"]?.string == "away")
        #expect(value?["changes"]?.array?.count == 3)

        let nobody = try await why(service, ["zoé"], listen: place, token: http.secrets["reader"])
        #expect(nobody.output.hasPrefix("zoé was never seen"), "\(nobody)")
    }

    @Test("What is missing is named, with what to do")
    func faults() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let (place, secret) = (place(http), http.secrets["reader"])
        for (arguments, listen, token, code, words) in [
            (["bob"], nil, secret, Int32(2), "http_listen is not set"),
            (["bob"], "127.0.0.1:0", secret, 2, "its log says which"),
            (["bob"], place, nil, 2, "presence-bridge token NAME read"),
            (["bob", "--token-file", "/none"], place, nil, 2, "--token-file"),
            (["bob"], place, "presence_wrong", 1, "does not know this token"),
            (["bob"], place, http.secrets["monitor"], 1, "not good for that"),
            (["a/b"], place, secret, 1, "invalid_username"),
            (["bob"], "127.0.0.1:1", secret, 1, "no bridge answers at 127.0.0.1:1: "),
            (["bob", "--check"], place, secret, 2, "'why' has no --check"),
            ([], place, secret, 2, "--user"),
        ] {
            let run = try await why(service, arguments, listen: listen, token: token)
            #expect(run.exit == .code(code), "\(arguments): \(run)")
            #expect(run.errors.contains(words), "\(arguments): \(run)")
        }
        service.broker.kill()
        try await service.bridgeProcess?.line(with: "connection", "lost")
        let run = try await why(service, ["bob"], listen: place, token: secret)
        #expect(run.errors.contains("the bridge runs, and cannot tell now"), "\(run)")
    }
}
