import BrokerFixture
import Foundation
import Presence

/// Calls a bridge by HTTP with curl, as scripts and people do.
struct HTTPClient: Sendable {
    /// What came back.
    struct Answer: Sendable {
        var status: Int
        /// The fields of the head, by their names in lower case.
        var fields: [String: String]
        var body: String

        var json: JSONValue {
            get throws {
                do {
                    return try JSONValue(parsing: Array(body.utf8))
                } catch {
                    throw FixtureError("\(status) \(body) is no JSON: \(error)")
                }
            }
        }

        /// The code of a problem; `nil` where it is none.
        var code: String? {
            guard fields["content-type"] == "application/problem+json" else { return nil }
            return try? json["code"]?.string
        }
    }

    /// `http://127.0.0.1:8080`.
    var base: String
    /// The path of the Unix socket, if it is one.
    var socket: String?
    /// The secrets of the tokens, by their names.
    var secrets: [String: String] = [:]

    /// The port, where it is one.
    var port: UInt16 { base.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

    /// Makes a call.
    ///
    /// - Parameters:
    ///   - token: The name of a token, or a secret that no token has; `nil` for none.
    ///   - extra: Further arguments of curl's.
    func call(
        _ method: String,
        _ path: String,
        token: String? = "all",
        body: String? = nil,
        extra: [String] = []
    ) async throws -> Answer {
        let folder = try TemporaryFolder()
        var arguments = [
            "-sS", "-X", method, "--path-as-is", "-m", "30", "-D", folder.file("head"), "-o",
            folder.file("body"),
        ]
        if let socket { arguments += ["--unix-socket", socket] }
        if let token {
            arguments += ["-H", "Authorization: Bearer \(secrets[token] ?? token)"]
        }
        if let body { arguments += ["--data-binary", "@" + (try folder.write(body, to: "sent"))] }
        let curl = try Child("curl", arguments + extra + [base + path], folder: folder)
        let exit = try await curl.wait()
        let head = folder.read("head")
        guard exit == .code(0) || !head.isEmpty else {
            throw FixtureError("curl ended with \(exit): \(curl.errors)")
        }
        // The last head counts, behind those that only say to go on.
        let heads = head.components(separatedBy: "\r\n\r\n").filter { !$0.isEmpty }
        let lines = (heads.last ?? "").components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let halves = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard halves.count == 2 else { continue }
            fields[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
        }
        return Answer(
            status: words.count > 1 ? Int(words[1]) ?? 0 : 0,
            fields: fields,
            body: folder.read("body")
        )
    }
}

extension Service {
    /// Starts a service that speaks HTTP, with the tokens `all`, `reader` and `monitor`.
    ///
    /// - Parameter socket: Whether it listens on a Unix socket.
    static func startWithHTTP(
        _ flags: [String: String] = [:],
        socket: Bool = false
    ) async throws -> (service: Service, http: HTTPClient) {
        let service = try await start(startsBridge: false)
        let folder = service.broker.folder
        var secrets: [String: String] = [:]
        var lines = ""
        for (name, scopes) in [
            ("all", ["read", "write", "metrics"]), ("reader", ["read"]), ("monitor", ["metrics"]),
        ] {
            let (secret, line) = try await token(name, scopes)
            secrets[name] = secret
            lines += line + "\n"
        }
        let path = try folder.write(lines, to: "tokens")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let place = socket ? folder.file("http.sock") : "127.0.0.1:0"
        try await service.startBridge(
            ["http_listen": place, "http_tokens": path].merging(flags) { $1 }
        )
        guard let bridge = service.bridgeProcess else { throw FixtureError("there is no bridge") }
        let line = try await bridge.line(with: "HTTP on")
        let address = line.split(separator: " ").last.map(String.init) ?? ""
        let http = HTTPClient(
            base: socket ? "http://bridge" : "http://\(address)",
            socket: socket ? place : nil,
            secrets: secrets
        )
        return (service, http)
    }

    /// Makes a token by the command: its secret, and its line.
    static func token(
        _ name: String,
        _ scopes: [String]
    ) async throws -> (secret: String, line: String) {
        let command = try Child(executable, ["token", name] + scopes)
        guard try await command.wait() == .code(0) else { throw FixtureError(command.errors) }
        let lines = command.output.split(separator: "\n").map(String.init)
        guard lines.count == 2, lines[0].hasPrefix("token: "), lines[1].hasPrefix("line:  ") else {
            throw FixtureError("no token: \(command.output)")
        }
        return (String(lines[0].dropFirst(7)), String(lines[1].dropFirst(7)))
    }
}
