import BrokerFixture
import Foundation
import Testing

/// Runs the tests in `Tests/JavaScript`, which start brokers and bridges of their own.
@Suite("The JavaScript client and its page")
struct JavaScriptTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The modules of Debian's packages, or those that somebody has elsewhere.
    private static let modules =
        ProcessInfo.processInfo.environment["NODE_PATH"] ?? "/usr/share/nodejs"

    private static func has(_ program: String, _ arguments: [String]) -> Bool {
        let environment = ["NODE_PATH": modules]
        return (try? Child.runBlocking(program, arguments, environment: environment)) != nil
    }

    private static let hasClient = has("node", ["-e", "require('mqtt')"])

    private static let hasBrowser =
        hasClient && has("esbuild", ["--version"]) && has("chromedriver", ["--version"])
        && has("chromium", ["--version"])

    /// Runs a file of tests; its output is the comment of a failure.
    private func run(_ file: String) async throws {
        let tests = URL(filePath: CommandLine.arguments[0])
        let child = try Child(
            "node",
            [
                "--test", "--test-reporter=spec",
                Self.root.appending(path: "Tests/JavaScript/\(file)").path,
            ],
            environment: [
                "NODE_PATH": Self.modules,
                "BRIDGE": tests.deletingLastPathComponent().appending(path: "presence-bridge").path,
            ]
        )
        let exit = try await child.wait(timeout: .seconds(240))
        #expect(exit == .code(0), "\(child.output)\(child.errors)")
    }

    @Test(
        "Each call does what it says, and after an absence nothing is missing",
        .enabled(
            if: hasClient,
            "node or its module mqtt is missing: scripts/install-packages.sh web"
        ),
        arguments: [
            "parts.test.js", "timeline.test.js", "refusals.test.js", "calls.test.js",
            "absence.test.js", "readme.test.js",
        ]
    )
    func client(file: String) async throws {
        try await run(file)
    }

    @Test(
        "The page works in a real browser",
        .enabled(
            if: hasBrowser,
            "chromium, chromedriver or esbuild is missing: scripts/install-packages.sh web browser"
        ),
        arguments: ["page.test.js", "leaving.test.js", "adoption.test.js"]
    )
    func page(file: String) async throws {
        try await run(file)
    }
}
