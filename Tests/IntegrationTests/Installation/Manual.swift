import BrokerFixture
import Foundation

/// The man pages and completions of this build, made once for all tests.
struct Manual: Sendable {
    let folder: TemporaryFolder

    private static let made = Result { try Manual() }

    /// Makes them, if no test has before.
    static func make() throws -> Manual { try made.get() }

    private init() throws {
        folder = try TemporaryFolder()
        let script = SourceFile.root.appending(path: "scripts/make-manual.py").path
        try Child.runBlocking(script, [Installation.built, folder.path], timeout: .seconds(60))
    }
}
