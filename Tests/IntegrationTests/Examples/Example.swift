import BrokerFixture
import Foundation
import Testing

/// A program out of the folder of examples, steered as a person steers it: by what is typed, by what
/// it shows, and by signals.
final class Example {
    /// Its process.
    let process: Child
    private let folder: TemporaryFolder
    private let input: FileHandle
    private var linesSeen = 0

    /// Starts a program as one user.
    ///
    /// - Parameters:
    ///   - file: Its path below `examples`; Python's programs run with ``Python``. A name without a
    ///     folder is a program that was built with the tests.
    ///   - user: Who logs in, with the name as the password.
    ///   - device: The name of the device.
    init(
        _ file: String,
        _ arguments: String...,
        as user: String,
        device: String = "example",
        environment: [String: String] = [:],
        of service: Service
    ) throws {
        folder = try TemporaryFolder()
        let pipe = folder.file("input")
        guard mkfifo(pipe, 0o600) == 0, let input = FileHandle(forUpdatingAtPath: pipe) else {
            throw FixtureError("no pipe at \(pipe)")
        }
        self.input = input
        let tests = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let program = (file.contains("/") ? Self.examples : tests).appending(path: file).path
        process = try Child(
            "/bin/sh",
            ["-c", #"pipe=$1; shift; exec "$@" <"$pipe""#, "example", pipe]
                + (file.hasSuffix(".py") ? [Python.path] : []) + [program] + arguments,
            environment: [
                "PRESENCE_HOST": service.broker.host,
                "PRESENCE_PORT": String(service.broker.port),
                "PRESENCE_USERNAME": user,
                "PRESENCE_PASSWORD": user,
                "PRESENCE_ID": device,
                // Nothing is written beside the examples.
                "PYTHONDONTWRITEBYTECODE": "1",
            ].merging(environment) { $1 }
        )
    }

    /// The folder with all the examples.
    static let examples = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples")

    /// Types a line.
    func type(_ line: String) throws {
        try input.write(contentsOf: Data("\(line)\n".utf8))
    }

    /// Ends the input, as Ctrl-D does.
    func endInput() throws {
        try input.close()
    }

    /// Awaits a line that has all these words, later than the one that was last awaited.
    @discardableResult
    func shows(_ words: String...) async throws -> String {
        let (index, line) = try await eventually(
            "a line with \(words), after the first \(linesSeen)",
            log: process.output + process.errors
        ) {
            process.output.split(separator: "\n").map(String.init).enumerated()
                .dropFirst(linesSeen)
                .first { _, line in words.allSatisfy { line.contains($0) } }
        }
        linesSeen = index + 1
        return line
    }

    /// Asks it to end by a signal, or by what was done before, and awaits that it does so properly.
    func ends(by signal: Int32? = nil) async throws {
        if let signal { process.send(signal) }
        let exit = try await process.wait()
        #expect(exit == .code(0), "\(process.output)\(process.errors)")
    }
}
