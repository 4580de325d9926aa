import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("The change log over HTTP and MQTT")
struct ChangesTests {
    private static let flags = ["history_keep": "7d"]

    /// Lets bob come, say something and go.
    private func play(_ service: Service) async throws {
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        try await bob.state("away")
        try await service.status(of: "bob", is: "away")
        try await bob.state("offline")
        try await service.status(of: "bob", is: "offline")
    }

    private func kinds(_ answer: HTTPClient.Answer) throws -> [String] {
        try answer.json.object?["changes"]?.array?.compactMap { $0["type"]?.string } ?? []
    }

    @Test("What happened is read in order, by HTTP and by MQTT, also after the bridge was killed")
    func reading() async throws {
        let (service, http) = try await Service.startWithHTTP(Self.flags)
        defer { service.end() }
        try await play(service)
        let all = try await http.call("GET", "/v1/changes?after=0")
        #expect(all.status == 200)
        #expect(try kinds(all) == ["online", "status", "offline"])
        let last = try #require(try all.json["last"]?.string)
        #expect(try all.json["changes"]?[2]?["id"]?.string == last)
        let status = try await service.retained("presence/status/bob")
        #expect(try all.json["changes"]?[2]?["status"]?["seq"]?.integer == status["seq"]?.integer)
        let history = try await http.call("GET", "/v1/users/bob/history?pageSize=2")
        #expect(try kinds(history) == ["offline", "status"])
        let cursor = try #require(try history.json["cursor"]?.string)
        let rest = try await http.call("GET", "/v1/users/bob/history?cursor=\(cursor)")
        #expect(try kinds(rest) == ["online"])
        let bob = try await service.client("bob")
        let own = try await bob.request(
            "presence/request/bob/test/history",
            #"{"id":"h","pageSize":1}"#,
            answerOn: "presence/response/bob/test"
        )
        #expect(try own.json["result"]?["changes"]?[0]?["type"]?.string == "offline")
        try await service.killBridge()
        try await service.startBridge()
        let line = try #require(await service.bridgeProcess?.line(with: "HTTP on"))
        var anew = http
        anew.base = "http://" + (line.split(separator: " ").last ?? "")
        _ = try await service.bridgeProcess?.line(with: "ready")
        let again = try await anew.call("GET", "/v1/changes?after=0")
        #expect(again.body == all.body)
        // Who is erased has no history.
        #expect(try await anew.call("DELETE", "/v1/users/bob").status == 204)
        #expect(try await anew.call("GET", "/v1/users/bob/history").body == #"{"changes":[]}"#)
        let erased = try await anew.call("GET", "/v1/changes?after=0")
        #expect(erased.body == #"{"changes":[],"last":"\#(last)"}"#)
        // Whoever had come as far as that waits for what comes next.
        async let next = anew.call("GET", "/v1/changes?after=0&wait=20")
        let carol = try await service.device("carol", "phone")
        #expect(try kinds(try await next) == ["online"])
        keep(carol)
    }

    @Test("A call that waits is answered by the first change, and one that waits in vain by none")
    func waiting() async throws {
        let (service, http) = try await Service.startWithHTTP(Self.flags)
        defer { service.end() }
        async let waiting = http.call("GET", "/v1/changes?after=0&wait=20")
        let bob = try await service.device("bob", "phone")
        let answer = try await waiting
        #expect(try kinds(answer) == ["online"])
        let last = try #require(try answer.json["last"]?.string.flatMap(Int64.init))
        let vain = try await http.call("GET", "/v1/changes?after=\(last)&wait=1")
        #expect(vain.body == #"{"changes":[],"last":"\#(last)"}"#)
        #expect(try await http.call("GET", "/v1/changes?after=\(last + 1)").status == 410)
        _ = bob
    }

    @Test("A stream goes on where the client's last event was, through a restart of the broker")
    func stream() async throws {
        let (service, http) = try await Service.startWithHTTP(Self.flags)
        defer { service.end() }
        try await play(service)
        let all = try await http.call("GET", "/v1/changes?after=0&limit=1")
        let first = try #require(try all.json["last"]?.string.flatMap(Int64.init))
        let stream = try http.stream("/v1/changes?after=0", lastEventID: "\(first)")
        defer { stream.kill() }
        _ = try await stream.said(#""id":"\#(first + 1)""#)
        _ = try await stream.said(#""id":"\#(first + 2)""#)
        try await service.broker.restart()
        let carol = try await service.device("carol", "phone")
        let line = try await stream.said(#""username":"carol""#)
        #expect(line.hasPrefix(#"data: {"id":"\#(first + 3)","#))
        #expect(!stream.output.contains(#""id":"\#(first)""#))
        _ = carol
    }

    @Test("Where no history is kept, nobody reads it")
    func off() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        for path in ["/v1/changes", "/v1/users/bob/history"] {
            let refused = try await http.call("GET", path)
            #expect(refused.status == 403)
            #expect(refused.code == "forbidden")
        }
    }

    @Test("Three quarters of the connections may wait, and the rest answer as ever")
    func crowd() async throws {
        let (service, http) = try await Service.startWithHTTP(
            Self.flags.merging(["http_connections": "8"]) { $1 }
        )
        defer { service.end() }
        let streams = try (0..<6).map { _ in try http.stream("/v1/changes") }
        defer { for stream in streams { stream.kill() } }
        for stream in streams { _ = try await stream.said("id: 0") }
        let seventh = try await http.call("GET", "/v1/changes?wait=1")
        #expect(seventh.status == 503)
        #expect(seventh.fields["retry-after"] == "1")
        #expect(try await http.call("GET", "/v1/users/bob").status == 200)
        streams[0].kill()
        let bob = try await service.device("bob", "phone")
        _ = try await streams[1].said(#""username":"bob""#)
        try await eventually("a free place") {
            try await http.call("GET", "/v1/changes?after=0&wait=1").status == 200 ? true : nil
        }
        _ = bob
    }
}

extension Child {
    /// Waits for a line of its standard output.
    fileprivate func said(_ words: String) async throws -> String {
        try await eventually("a line with \(words)", log: errors) {
            output.split(separator: "\n").map(String.init).first { $0.contains(words) }
        }
    }
}

extension HTTPClient {
    /// Opens a stream of events, by curl.
    fileprivate func stream(_ path: String, lastEventID: String? = nil) throws -> Child {
        var arguments = [
            "-sSN", "-H", "Accept: text/event-stream", "-H",
            "Authorization: Bearer \(secrets["reader"] ?? "")",
        ]
        if let lastEventID { arguments += ["-H", "Last-Event-ID: \(lastEventID)"] }
        return try Child("curl", arguments + [base + path])
    }
}
