import BrokerFixture
import Foundation
import Testing

@testable import presence_bench

@Suite("Which programs are measured against")
struct BridgeProgramTests {
    /// The bridge that was built beside these tests.
    static let bridge = program("presence-bridge")
    /// The bench, likewise.
    static let bench = program("presence-bench")

    private static func program(_ name: String) -> String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: name).path
    }

    private func refusal(of path: String) async -> String {
        await #expect(throws: FixtureError.self) {
            try await offPool { _ = try BridgeProgram(other: path) }
        }?.description ?? ""
    }

    @Test("A bridge is taken, by an absolute path or one that starts here")
    func bridge() async throws {
        let program = try await offPool { try BridgeProgram(other: Self.bridge) }
        #expect(program.path == Self.bridge)
        #expect(!program.isOwn)
        let ups = String(
            repeating: "../",
            count: FileManager.default.currentDirectoryPath.split(separator: "/").count
        )
        let relative = "\(ups)\(Self.bridge.dropFirst())"
        #expect(try await offPool { try BridgeProgram(other: relative) } == program)
    }

    @Test("What cannot be started is refused, with the reason")
    func noProgram() async throws {
        let folder = try TemporaryFolder()
        let missing = folder.file("missing")
        #expect(await refusal(of: missing) == "--against: there is no file \(missing)")
        #expect(
            await refusal(of: folder.path)
                == "--against: \(folder.path) is a folder; name the program in it"
        )
        let text = try folder.write("not a program", to: "text")
        #expect(await refusal(of: text) == "--against: \(text) is not executable")
        chmod(text, 0o755)
        #expect(await refusal(of: text).hasPrefix("--against: \(text) does not start: "))
    }

    @Test(
        "A program that is no bridge is refused, whether it fails or not",
        arguments: ["true", "false", "echo", "ls"]
    )
    func otherProgram(name: String) async throws {
        let words = await refusal(of: "/bin/\(name)")
        #expect(words.hasPrefix("--against: /bin/\(name) is no bridge: "), "\(words)")
    }

    @Test("A bridge that refuses the configuration is refused with its own words")
    func otherKeys() async throws {
        let folder = try TemporaryFolder()
        let bridge = try folder.write(
            "#!/bin/sh\nexec '\(Self.bridge)' \"$@\" --no_such_key 1\n",
            to: "bridge"
        )
        chmod(bridge, 0o755)
        let words = await refusal(of: bridge)
        #expect(
            words.hasPrefix("--against: \(bridge) refuses the bench's configuration:\nflag: "),
            "\(words)"
        )
        #expect(words.contains("no_such_key"))
    }
}
