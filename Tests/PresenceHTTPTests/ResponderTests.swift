import HTTPTypes
import Presence
import Testing

@testable import PresenceHTTP

@Suite("What calls are answered")
struct ResponderTests {
    private let desk = FixedDesk()
    private let responder: Responder
    private let secrets: [String: String]

    init() {
        var secrets: [String: String] = [:]
        var tokens: [Token] = []
        for (name, scopes) in [
            ("reader", Set<Scope>([.read])), ("writer", [.read, .write]), ("monitor", [.metrics]),
        ] {
            let (secret, token) = Token.make(name, scopes)
            secrets[name] = secret
            tokens.append(token)
        }
        self.secrets = secrets
        responder = Responder(
            desk: desk,
            tokens: Tokens(tokens, rate: 1_000),
            version: "1",
            waiters: Waiters(most: 1)
        )
    }

    private func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ token: String? = "writer",
        body: String? = "",
        length: String? = nil,
        at time: UInt64 = 0
    ) async throws -> Responder.Response {
        var head = HTTPRequest(method: method, scheme: "http", authority: "a", path: path)
        if let token { head.headerFields[.authorization] = "Bearer \(secrets[token] ?? token)" }
        if let length { head.headerFields[.contentLength] = length }
        return try await responder.respond(to: head, at: time) { body.map { Array($0.utf8) } }
    }

    private func code(_ response: Responder.Response) throws -> String {
        #expect(response.fields[.contentType] == "application/problem+json")
        let problem = try #require(try JSONValue(parsing: response.bytes).object)
        #expect(problem["status"]?.integer == Int64(response.status.code))
        #expect(problem["type"]?.string == "about:blank")
        #expect(problem["title"]?.string?.isEmpty == false)
        #expect(problem["detail"]?.string?.isEmpty == false)
        return problem["code"]?.string ?? ""
    }

    @Test("Of several faults the first in the documented order is told")
    func order() async throws {
        let missing = try await call(.post, "/v1/nothing", nil)
        #expect(missing.status == .notFound)
        #expect(try code(missing) == "unknown_operation")
        for token in [nil, "wrong", ""] {
            let unknown = try await call(.post, "/v1/online", token)
            #expect(unknown.status == .unauthorized)
            #expect(unknown.fields[.wwwAuthenticate] == "Bearer")
            #expect(try code(unknown) == "unauthorized")
        }
        let wrongMethod = try await call(.post, "/v1/users/bob", "monitor")
        #expect(wrongMethod.status == .methodNotAllowed)
        #expect(wrongMethod.fields[.allow] == "GET, DELETE")
        let outOfScope = try await call(.delete, "/v1/users/%ff", "reader")
        #expect(outOfScope.status == .forbidden)
        #expect(try code(outOfScope) == "forbidden")
        #expect(String(decoding: outOfScope.bytes, as: UTF8.self).contains("the scope write"))
        for (path, wanted) in [
            ("/v1/online?pagesize=5", "did you mean pageSize?"),
            ("/v1/users/bob/watchers?a%20b=", "and not 'a b'"),
            ("/v1/online?%ff=1", "and not '%ff'"),
        ] {
            let strange = try await call(.get, path)
            #expect(strange.status == .badRequest)
            #expect(String(decoding: strange.bytes, as: UTF8.self).contains(wanted))
        }
        #expect(try await call(.get, "/livez?now=1").status == .ok)
        let long = try await call(.put, "/v1/users/%ff/description", length: "1048577")
        #expect(long.status == .contentTooLarge)
        #expect(try code(long) == "payload_too_large")
        let chunked = try await call(.put, "/v1/users/%ff/description", body: nil)
        #expect(chunked.status == .contentTooLarge)
        let statement = String(repeating: "a", count: 2_048)
        let device = try await call(.put, "/v1/users/%ff/devices/d", body: statement)
        #expect(device.status == .contentTooLarge)
        #expect(try code(device) == "payload_too_large")
        let unreadable = try await call(.put, "/v1/users/%ff/description", body: "{}")
        #expect(unreadable.status == .badRequest)
        #expect(try code(unreadable) == "malformed_request")
        #expect(desk.asked == [])
    }

    @Test("Past its rate a token is told when to come again")
    func rate() async throws {
        for _ in 0..<1_000 { _ = try await call(.get, "/v1/online") }
        let limited = try await call(.get, "/v1/online")
        #expect(limited.status == .tooManyRequests)
        #expect(limited.fields[.retryAfter] == "1")
        #expect(try code(limited) == "rate_limited")
        #expect(try await call(.get, "/v1/online", "reader").status == .ok)
    }

    @Test("Each code of the bridge's has its status", arguments: ErrorCode.allCases)
    func codes(code: ErrorCode) async throws {
        desk.set(.failure(Refusal(code, "no", retryAfter: code == .rateLimited ? 3 : nil)))
        let response = try await call(.get, "/v1/online")
        #expect(try self.code(response) == code.rawValue)
        let status: Int =
            switch code {
            case .rateLimited: 429
            case .payloadTooLarge: 413
            case .unknownOperation: 404
            case .forbidden: 403
            case .tooManyDevices, .limitExceeded: 409
            case .unavailable: 503
            default: 400
            }
        #expect(response.status.code == status)
        let wait = response.fields[.retryAfter]
        #expect(wait == (code == .rateLimited ? "3" : code == .unavailable ? "1" : nil))
    }

    @Test("Each call asks what it stands for")
    func questions() async throws {
        let bob = "/v1/users/b%20b"
        _ = try await call(.get, bob + "?as=al%2Bice+")
        _ = try await call(
            .post,
            "/v1/users/query?as=al",
            body: #"{"usernames":["a"],"brief":true}"#
        )
        _ = try await call(.get, "/v1/online?pageSize=5&cursor=c&as=al")
        _ = try await call(.put, bob + "/description", body: #"{"description":"x","expiry":5}"#)
        _ = try await call(.put, bob + "/devices/d", body: #"{"status":"away"}"#)
        _ = try await call(.delete, bob + "/devices/d")
        _ = try await call(.get, bob + "/subscriptions?pageNum=2&pageSize=99999999999999999999")
        _ = try await call(.post, bob + "/subscriptions", body: #"{"usernames":["a","a"]}"#)
        _ = try await call(.delete, bob + "/subscriptions?username=a&username=c&username=a")
        _ = try await call(.delete, bob + "/subscriptions?all=true")
        _ = try await call(.get, bob + "/watchers")
        _ = try await call(.get, bob + "/history?after=-5&before=9&pageSize=3&cursor=c")
        _ = try await call(.delete, bob)
        #expect(
            desk.asked == [
                Question(.status, about: "b b", as: "al+ice+"),
                Question(.request(.getBrief(["a"])), as: "al"),
                Question(.request(.online(pageSize: 5, cursor: "c")), as: "al"),
                Question(.request(.publish(description: "x", expiry: 5)), about: "b b"),
                Question(
                    .statement(device: "d", payload: Array(#"{"status":"away"}"#.utf8)),
                    about: "b b"
                ),
                Question(.statement(device: "d", payload: []), about: "b b"),
                Question(.request(.subscriptions(pageNum: 2, pageSize: .max)), about: "b b"),
                Question(.request(.subscribe(.users(["a"]), expiry: nil)), about: "b b"),
                Question(.request(.unsubscribe(.users(["a", "c"]))), about: "b b"),
                Question(.request(.unsubscribe(.everyone)), about: "b b"),
                Question(.request(.watchers(pageSize: nil, cursor: nil)), about: "b b"),
                Question(
                    .request(.history(after: -5, before: 9, pageSize: 3, cursor: "c")),
                    about: "b b"
                ),
                Question(.erasure, about: "b b"),
            ]
        )
    }

    @Test("What has not the form that a call wants is refused before the bridge is asked")
    func forms() async throws {
        let deep = String(repeating: "[", count: 10_000)
        for (method, path, body) in [
            (HTTPRequest.Method.post, "/v1/users/query", deep),
            (.post, "/v1/users/query", "{\"usernames\":\(deep)"), (.post, "/v1/users/query", ""),
            (.put, "/v1/users/bob/devices/d", "away"), (.put, "/v1/users/bob/devices/d", ""),
            (.get, "/v1/online?pageSize=x", ""), (.get, "/v1/online?pageSize=1&pageSize=2", ""),
            (.get, "/v1/online?cursor=%ff", ""), (.delete, "/v1/users/bob/subscriptions", ""),
            (.delete, "/v1/users/bob/subscriptions?all=yes", ""),
            (.delete, "/v1/users/bob/subscriptions?all=true&username=a", ""),
        ] {
            let response = try await call(method, path, body: body)
            #expect(response.status == .badRequest, "\(method) \(path)")
            #expect(try code(response) == "malformed_request")
        }
        #expect(desk.asked == [])
    }

    @Test("What is done and has nothing to say is 204")
    func done() async throws {
        desk.set(.success([]))
        let response = try await call(.delete, "/v1/users/bob")
        #expect(response.status == .noContent)
        #expect(response.fields.isEmpty)
        #expect(response.bytes.isEmpty)
    }

    @Test("Health needs no token, and says why not")
    func health() async throws {
        #expect(try await call(.get, "/livez", nil).status == .ok)
        #expect(try await call(.get, "/readyz", nil).status == .ok)
        desk.set(.unready("no connection to the broker"))
        #expect(try await call(.get, "/livez", nil).status == .ok)
        let unready = try await call(.get, "/readyz", nil)
        #expect(unready.status == .serviceUnavailable)
        #expect(
            String(decoding: unready.bytes, as: UTF8.self).contains("no connection to the broker")
        )
        desk.set(nil as Readiness?)
        #expect(try await call(.get, "/livez", nil).status == .serviceUnavailable)
        #expect(try await call(.get, "/readyz", nil).status == .serviceUnavailable)
        #expect(try await call(.get, "/metrics", "monitor").status == .serviceUnavailable)
    }

    @Test("The metrics want their own scope")
    func metrics() async throws {
        #expect(try await call(.get, "/metrics", nil).status == .unauthorized)
        #expect(try await call(.get, "/metrics", "writer").status == .forbidden)
        let response = try await call(.get, "/metrics", "monitor")
        #expect(
            String(decoding: response.bytes, as: UTF8.self) == """
                # HELP presence_events_total Messages of events sent.
                # TYPE presence_events_total counter
                presence_events_total 3

                """
        )
    }

    @Test("The document has every route, and is JSON")
    func document() async throws {
        let response = try await call(.get, "/openapi.json", nil)
        let document = try JSONValue(parsing: response.bytes)
        let paths = try #require(document.object?["paths"]?.object)
        for route in Route.all {
            let operation = paths[route.path]?.object?[route.method.rawValue.lowercased()]?.object
            #expect(operation?["operationId"]?.string == "\(route.call)")
            #expect((operation?["security"] == nil) == (route.scope == nil))
            let responses = operation?["responses"]?.object
            #expect(responses?["404"] != nil)
            #expect(responses?["405"] != nil)
        }
    }

    // MARK: - The change log

    private static let changes = (1...3 as ClosedRange<Int64>).map { id in
        LoggedChange(
            id: id,
            user: Name(checked: "bob"),
            time: 1_700_000_000 + id,
            kind: id == 1 ? .online : .status,
            status: Array(#"{"username":"bob"}"#.utf8)
        )
    }

    @Test("Changes come in parts, each with the id after which the next one begins")
    func changes() async throws {
        desk.set(Self.changes)
        let first = try await call(.get, "/v1/changes?after=0&limit=2")
        #expect(
            String(decoding: first.bytes, as: UTF8.self)
                == #"{"changes":[{"id":"1","time":1700000001,"type":"online","status":{"username":"bob"}},"#
                + #"{"id":"2","time":1700000002,"type":"status","status":{"username":"bob"}}],"last":"2"}"#
        )
        let none = try await call(.get, "/v1/changes")
        #expect(String(decoding: none.bytes, as: UTF8.self) == #"{"changes":[],"last":"3"}"#)
        let gone = try await call(.get, "/v1/changes?after=4")
        #expect(gone.status == .gone)
        #expect(try code(gone) == "gone")
    }

    @Test("What is wrong with a call for changes is told")
    func changesRefused() async throws {
        desk.set(nil as [LoggedChange]?)
        let closed = try await call(.get, "/v1/changes?limit=x")
        #expect(closed.status == .forbidden)
        #expect(try code(closed) == "forbidden")
        desk.set(Self.changes)
        for (query, wanted) in [
            ("after=x", "malformed_request"), ("after=-1", "invalid_page"),
            ("limit=0", "invalid_page"), ("limit=1001", "invalid_page"),
            ("wait=61", "invalid_page"), ("after=1&after=2", "malformed_request"),
        ] {
            let response = try await call(.get, "/v1/changes?\(query)")
            #expect(response.status == .badRequest, "\(query)")
            #expect(try code(response) == wanted)
        }
    }

    @Test("A stream begins behind the last event that the client has, and leaves room for others")
    func stream() async throws {
        desk.set(Self.changes)
        #expect(try await open("no").status == .badRequest)
        #expect(try await open("4").status == .gone)
        try await read(try await open("2"))
        // The place of an answer that nobody has is free.
        #expect(try await open(nil).status == .ok)
    }

    /// Opens a stream of changes behind an event.
    private func open(_ id: String?) async throws -> Responder.Response {
        var head = HTTPRequest(
            method: .get,
            scheme: "http",
            authority: "a",
            path: "/v1/changes?after=1"
        )
        head.headerFields[.authorization] = "Bearer \(secrets["reader"] ?? "")"
        head.headerFields[.accept] = "text/event-stream"
        if let id, let name = HTTPField.Name("Last-Event-ID") { head.headerFields[name] = id }
        return try await responder.respond(to: head, at: 0) { [] }
    }

    /// Reads a stream's first event, while its place is taken.
    private func read(_ stream: Responder.Response) async throws {
        #expect(stream.fields[.contentType] == "text/event-stream")
        // The only place is taken until the stream has ended.
        #expect(try await open(nil).status == .serviceUnavailable)
        #expect(try await call(.get, "/v1/changes?after=0&wait=1").status == .serviceUnavailable)
        #expect(try await call(.get, "/v1/changes?after=0").status == .ok)
        guard case .stream(let write) = stream.body else {
            Issue.record("no stream")
            return
        }
        struct Closed: Error {}
        await #expect(throws: Closed.self) {
            try await write { bytes in
                #expect(
                    String(decoding: bytes, as: UTF8.self)
                        == "id: 3\ndata: "
                        + #"{"id":"3","time":1700000003,"type":"status","status":{"username":"bob"}}"#
                        + "\n\n"
                )
                throw Closed()
            }
        }
    }
}

extension Responder.Response {
    fileprivate var bytes: [UInt8] { if case .bytes(let bytes) = body { bytes } else { [] } }
}
