import BrokerFixture
import Foundation

/// What `make install` puts in place, in a folder in the place of `/`.
struct Installation {
    let folder: TemporaryFolder
    let prefix: String

    /// Where the programs of this build are.
    static var built: String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path
    }

    /// Installs below a prefix.
    init(prefix: String = "/usr/local") async throws {
        folder = try TemporaryFolder()
        self.prefix = prefix
        try await make("install")
    }

    /// Runs `make` in the checkout.
    func make(_ target: String) async throws {
        let places = [
            "PREFIX=\(prefix)", "DESTDIR=\(folder.file("root"))", "BUILD=\(Self.built)",
            "MANUAL=\(try Manual.make().folder.path)",
        ]
        try await Child.run(
            "make",
            ["--no-print-directory", "-C", SourceFile.root.path, target] + places,
            timeout: .seconds(60)
        )
    }

    /// The text of an installed file, by its absolute path.
    func read(_ path: String) -> String { folder.read("root\(path)") }

    /// The absolute paths of all files that are installed.
    func files() async throws -> Set<String> {
        let root = folder.file("root")
        let list = try await Child.run("find", [root, "-type", "f"])
        return Set(list.split(separator: "\n").map { String($0.dropFirst(root.count)) })
    }
}
