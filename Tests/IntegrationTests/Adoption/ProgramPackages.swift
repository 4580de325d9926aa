import BrokerFixture
import Foundation

/// The packages of real programs, installed by pip once for all tests, and kept for the next run.
///
/// Each list beside the programs' scripts pins all that its programs import, so that nothing is resolved.
actor ProgramPackages {
    static let shared = ProgramPackages()

    /// The folder with the scripts and the lists.
    static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Programs")
    private static let folder = Example.examples.deletingLastPathComponent()
        .appending(path: ".build/programs")

    private var pip: Task<String, any Error>?
    private var lists: [String: Task<String, any Error>] = [:]

    /// The folder with the packages of a list; throws where they cannot be installed.
    func folder(of list: String) async throws -> String {
        let pip = pip ?? Task { try await Self.preparePip() }
        self.pip = pip
        let installing =
            lists[list] ?? Task { try await Self.install(list, with: try await pip.value) }
        lists[list] = installing
        return try await installing.value
    }

    /// Makes a pip that is nobody else's; returns its path.
    private static func preparePip() async throws -> String {
        let place = folder.appending(path: "pip").path
        let pip = "\(place)/bin/pip"
        if !FileManager.default.isExecutableFile(atPath: pip) {
            try await Child.run(Python.path, ["-m", "venv", place], timeout: .seconds(120))
        }
        return pip
    }

    private static func install(_ list: String, with pip: String) async throws -> String {
        let file = scripts.appending(path: "\(list).txt")
        let place = folder.appending(path: list)
        let mark = place.appending(path: "installed.txt")
        let wanted = try String(contentsOf: file, encoding: .utf8)
        if (try? String(contentsOf: mark, encoding: .utf8)) == wanted { return place.path }
        try? FileManager.default.removeItem(at: place)
        // linux2mqtt says that it wants Python 3.12, and runs with 3.11.
        let options = ["--no-deps", "--no-compile", "--ignore-requires-python"]
        try await Child.run(
            pip,
            ["install", "--quiet", "--disable-pip-version-check"] + options
                + ["--target", place.path, "--requirement", file.path],
            timeout: .seconds(300)
        )
        try wanted.write(to: mark, atomically: true, encoding: .utf8)
        return place.path
    }
}
