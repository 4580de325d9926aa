import BrokerFixture
import Foundation
import Testing

@Suite("The command line of presence-bridge")
struct CommandLineTests {
    /// How a run of the command ended.
    private struct Run {
        let code: Int32
        let output: String
        let errors: String
    }

    private func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Run {
        let tests = URL(filePath: CommandLine.arguments[0])
        let process = Process()
        process.executableURL = tests.deletingLastPathComponent().appending(path: "presence-bridge")
        process.arguments = arguments
        process.environment = environment
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // What is written fits in the pipes, so that one can be read after the other.
        let written = output.fileHandleForReading.readDataToEndOfFile()
        let complaints = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Run(
            code: process.terminationStatus,
            output: String(decoding: written, as: UTF8.self),
            errors: String(decoding: complaints, as: UTF8.self)
        )
    }

    @Test("--check prints what holds and ends with 0")
    func check() throws {
        let run = try run(
            ["--check", "--max-devices", "10", "--password=hunter2", "--username", "u"],
            environment: ["PRESENCE_BRIDGE_LOG_LEVEL": "debug"]
        )
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(run.code == 0)
        #expect(run.errors.isEmpty)
        #expect(lines.contains("max_devices           10               flag"))
        #expect(lines.contains("log_level             debug            environment"))
        #expect(lines.contains("password              ********         flag"))
    }

    @Test(
        "A mistake ends with 2 and says what is wrong on standard error",
        arguments: [
            (
                ["--max_devics", "3"],
                "flag: --max_devics: unknown flag; did you mean '--max_devices'?\n"
            ),
            (["--port", "0"], "flag: --port: '0' is out of range; allowed: 1 to 65535\n"),
            (["--port"], "flag: --port: has no value; allowed: 1 to 65535\n"),
            (["--config"], "flag: Missing value for '--config <FILE>'\n"),
            (
                ["bridge.conf"],
                "flag: 'bridge.conf' is no flag; write --KEY VALUE, or --config FILE for a file\n"
            ),
            (
                ["-c", "/missing.conf", "--check"],
                "/missing.conf: cannot be read: No such file or directory\n"
            ),
        ]
    )
    func mistake(arguments: [String], expected: String) throws {
        let run = try run(arguments)
        #expect(run.code == 2)
        #expect(run.errors == expected)
        #expect(run.output.isEmpty)
    }

    @Test("--check looks at the place of the store and makes nothing there")
    func place() throws {
        let folder = try TemporaryFolder()
        try folder.write("Dear diary", to: "diary.txt")
        for (path, words) in [
            (folder.file("missing/presence.db"), "No such file or directory"),
            (folder.path, "it is a folder; name a file in it"),
            (folder.file("diary.txt"), "is not an SQLite database"),
        ] {
            let run = try run(["--check", "--store", path])
            #expect(run.code == 2)
            #expect(run.errors.hasPrefix("flag: --store: \(path) "), "\(run.errors)")
            #expect(run.errors.contains(words), "\(run.errors)")
            #expect(run.output.isEmpty)
        }
        let good = try run(["--check", "--store", folder.file("presence.db")])
        #expect(good.code == 0)
        #expect(good.errors.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["diary.txt"])
    }

    @Test("--version and --help answer and end with 0")
    func information() throws {
        let version = try run(["--version"])
        #expect(version.code == 0)
        #expect(version.output == "0.1.0\n")
        let help = try run(["--help"])
        #expect(help.code == 0)
        #expect(help.output.contains("--max_devices 64\n"))
        #expect(help.output.contains("--config <FILE>"))
    }
}
