import BrokerFixture
import Foundation

/// A build of the bridge.
struct BridgeProgram: Hashable, Sendable {
    /// Where it is; absolute.
    let path: String
    /// Whether it is the build that this program belongs to, with the same version of the store.
    let isOwn: Bool

    /// The one that was built beside this program.
    static func own() throws -> BridgeProgram {
        BridgeProgram(path: try Testbed.program("presence-bridge"), isOwn: true)
    }

    private init(path: String, isOwn: Bool) {
        self.path = path
        self.isOwn = isOwn
    }

    /// Another build, which is started once to see whether it takes what the bench configures.
    ///
    /// - Throws: ``FixtureError`` when there is no such program, when it is no bridge, and when it
    ///   refuses the bench's configuration.
    init(other path: String) throws {
        let path = URL(fileURLWithPath: path).standardizedFileURL.path
        let files = FileManager.default
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw FixtureError("--against: there is no file \(path)")
        }
        guard !isFolder.boolValue else {
            throw FixtureError("--against: \(path) is a folder; name the program in it")
        }
        guard files.isExecutableFile(atPath: path) else {
            throw FixtureError("--against: \(path) is not executable")
        }
        self.init(path: path, isOwn: false)
        try checkConfiguration()
    }

    /// The plugin for the broker that was built with it; where there is none, that of this build.
    var plugin: String {
        get throws {
            let name = "libPresencePlugin.so"
            let folder = URL(filePath: path).deletingLastPathComponent()
            let its = folder.appending(path: name).path
            if !isOwn, FileManager.default.fileExists(atPath: its) { return its }
            return try Testbed.program(name)
        }
    }

    /// What the bench configures: keys that every build knows that a run may compare with.
    static func settings(port: UInt16, store: String) -> [String: String] {
        [
            "port": "\(port)", "username": "presence-bridge", "store": store,
            "store_sync": "normal", "request_rate": "1000000", "request_burst": "1000000",
            "device_rate": "1000000", "device_burst": "1000000", "metrics_interval": "0",
            "log_level": "warning",
        ]
    }

    /// Settings as arguments of the bridge.
    static func flags(_ settings: [String: String]) -> [String] {
        settings.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
    }

    private func checkConfiguration() throws {
        let flags = Self.flags(Self.settings(port: 1_883, store: "presence.db"))
        let child: Child
        do {
            child = try Child(path, ["--check"] + flags)
        } catch {
            throw FixtureError("--against: \(error)")
        }
        let asked = "asked with --check for what holds"
        guard let exit = try? child.waitBlocking(timeout: .seconds(10)) else {
            child.kill()
            throw FixtureError("--against: \(path) is no bridge: \(asked), it does not end")
        }
        let output = child.output.split(separator: "\n")
        let errors = child.errors.split(separator: "\n")
        if exit == .code(2), errors.contains(where: { $0.hasPrefix("flag: ") }) {
            throw FixtureError(
                "--against: \(path) refuses the bench's configuration:\n\(child.errors)"
            )
        }
        guard exit == .code(0), output.contains(where: { $0.hasPrefix("store_sync ") }) else {
            throw FixtureError(
                "--against: \(path) is no bridge: \(asked), it ends with \(exit) and says "
                    + "\"\((output + errors).first ?? "")\""
            )
        }
    }
}
