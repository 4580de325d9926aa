import BrokerFixture
import Foundation
import Presence

/// A real HTTP server that receives webhooks, and does with each request what it was told to.
struct WebhookReceiver {
    /// What it does: a status that it answers, or what is worse.
    enum Manner: String {
        case well = "200"
        case failing = "500"
        case busy = "429"
        case moved = "301"
        case ended = "410"
        /// It answers nothing, and keeps the connection.
        case stalling
        /// It breaks the connection in the middle of its answer, or of the answer's head.
        case cutting
        case headless
    }

    /// A request that came.
    struct Delivery {
        var manner: String
        var fields: JSONValue
        var body: String

        /// The changes, as `user type`.
        var changes: [String] {
            let changes = (try? JSONValue(parsing: Array(body.utf8)))?["changes"]?.array ?? []
            return changes.map {
                "\($0["status"]?["username"]?.string ?? "?") \($0["type"]?.string ?? "?")"
            }
        }

        /// How many it says were skipped.
        var skipped: Int64? { (try? JSONValue(parsing: Array(body.utf8)))?["skipped"]?.integer }

        /// Whether its signature is right for a key (Standard Webhooks 1.0).
        func isSigned(with key: String) -> Bool {
            let id = fields["webhook-id"]?.string ?? ""
            let time = fields["webhook-timestamp"]?.string ?? ""
            let code = SHA256.authenticationCode(
                for: Array("\(id).\(time).\(body)".utf8),
                key: Array(key.utf8)
            )
            return fields["webhook-signature"]?.string == "v1," + Data(code).base64EncodedString()
        }
    }

    private static let script = """
        import http.server, json, sys, time

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                manner = open(sys.argv[2]).read().strip()
                fields = {name.lower(): value for name, value in self.headers.items()}
                print(json.dumps({"manner": manner, "path": self.path, "fields": fields, "body": body}), flush=True)
                if manner == "stalling":
                    time.sleep(3600)
                if manner == "headless":
                    self.wfile.write(b"HTTP/1.1 200 OK\\r\\n")
                    self.close_connection = True
                    return
                self.send_response(200 if manner == "cutting" else int(manner))
                if manner == "429":
                    self.send_header("Retry-After", "3")
                if manner == "301":
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "99" if manner == "cutting" else "0")
                self.end_headers()
                if manner == "cutting":
                    self.wfile.write(b"half")
                    self.close_connection = True

            def log_message(self, *words):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
        server.daemon_threads = True
        print("port", server.server_address[1], flush=True)
        server.serve_forever()
        """

    let port: UInt16
    private let child: Child
    private let folder: TemporaryFolder

    /// Begins to listen.
    init(_ manner: Manner = .well, port: UInt16 = 0) async throws {
        folder = try TemporaryFolder()
        try manner.rawValue.write(toFile: folder.file("manner"), atomically: true, encoding: .utf8)
        let child = try Child(Python.path, ["-c", Self.script, "\(port)", folder.file("manner")])
        self.child = child
        let line = try await eventually("the receiver's port", log: child.errors) {
            // A part of the line may be there before the rest.
            child.output.contains("\n") ? child.output.split(separator: "\n").first : nil
        }
        guard let number = line.split(separator: " ").last.flatMap({ UInt16($0) }) else {
            throw FixtureError("no port: \(line)")
        }
        self.port = number
    }

    var url: String { "http://127.0.0.1:\(port)/hook" }

    /// Ends it.
    func kill() { child.kill() }

    /// From now on it does this.
    func become(_ manner: Manner) throws {
        try manner.rawValue.write(toFile: folder.file("manner"), atomically: true, encoding: .utf8)
    }

    /// What has come so far.
    var deliveries: [Delivery] {
        child.output.split(separator: "\n").dropFirst().compactMap {
            (line: Substring) -> Delivery? in
            guard let object = try? JSONValue(parsing: Array(line.utf8)),
                let fields = object["fields"]
            else { return nil }
            return Delivery(
                manner: object["manner"]?.string ?? "",
                fields: fields,
                body: object["body"]?.string ?? ""
            )
        }
    }

    /// Waits for so many requests, of one manner or of all.
    @discardableResult
    func deliveries(_ count: Int, _ manner: Manner? = nil) async throws -> [Delivery] {
        try await eventually("\(count) webhooks", log: child.output + child.errors) {
            let some = deliveries.filter { manner == nil || $0.manner == manner?.rawValue }
            return some.count >= count ? some : nil
        }
    }
}
