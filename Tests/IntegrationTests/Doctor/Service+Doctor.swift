import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// What a run of `presence-bridge doctor` has found.
struct DoctorReport {
    let exit: Child.Exit?
    let errors: String
    /// The findings, by the names of their checks.
    let findings: [String: JSONValue]
    let output: String

    func outcome(_ check: String) -> String? { findings[check]?["outcome"]?.string }
    func words(_ check: String) -> String { findings[check]?["words"]?.string ?? "" }
    func line(_ check: String) -> String { findings[check]?["line"]?.string ?? "" }
    func file(_ check: String) -> String { findings[check]?["file"]?.string ?? "" }

    /// The checks that have come to so much.
    func checks(_ outcome: String) -> Set<String> {
        Set(findings.filter { $0.value["outcome"]?.string == outcome }.keys)
    }

    var wrong: Set<String> { checks("wrong") }
}

extension Service {
    /// A service whose broker has the large queue of the examples.
    static func examined(
        startsBridge: Bool = false,
        broker change: (inout BrokerOptions) -> Void = { _ in }
    ) async throws -> Service {
        try await start(["metrics_interval": "0"], startsBridge: startsBridge) { options in
            change(&options)
            guard !options.extra.contains("max_queued_messages") else { return }
            options.extra += "\nmax_queued_messages 5000000"
        }
    }

    /// All that is retained below the prefix, and what it says.
    func everythingRetained() async throws -> [String: String] {
        let monitor = try await monitor("presence/#")
        let login = try await TestClient.connect(
            to: broker,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
        // Comes behind all that is retained.
        try await login.publish("presence/status/$test/end", "end")
        _ = try await monitor.expect("presence/status/$test/end")
        let messages = monitor.takeMessages().filter(\.retain)
        return Dictionary(messages.map { ($0.topic, $0.text) }, uniquingKeysWith: { $1 })
    }

    /// A file with a password, for nobody else to read.
    func passwordFile(_ user: String) throws -> String {
        let path = try broker.folder.write("\(user)\n", to: "\(user).password")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    /// Runs the doctor with the bridge's own flags, over which others stand.
    ///
    /// - Parameter program: What runs it, in front of its path.
    func doctor(
        _ flags: [String: String] = [:],
        user: String? = nil,
        _ more: [String] = [],
        by program: [String] = []
    ) async throws -> DoctorReport {
        var all = [
            "host": broker.host, "port": "\(broker.port)", "username": Service.bridgeID,
            "password": Service.bridgeID, "store": storePath,
        ]
        all.merge(flags) { $1 }
        var arguments = ["doctor", "--json"] + more
        arguments += all.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
        if let user {
            arguments += ["--user", user, "--user-password-file", try passwordFile(user)]
        }
        let command = program + [Service.executable] + arguments
        let child = try Child(command[0], Array(command.dropFirst()), folder: broker.folder)
        try await eventually("it ends", within: .seconds(60), log: child.errors) {
            child.exit == nil ? nil : true
        }
        return try DoctorReport(child)
    }
}

extension DoctorReport {
    init(_ child: Child) throws {
        (exit, errors, output) = (child.exit, child.errors, child.output)
        let list = try? JSONValue(parsing: Array(child.output.utf8)).array
        findings = Dictionary(
            (list ?? []).map { ($0["check"]?.string ?? "", $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
