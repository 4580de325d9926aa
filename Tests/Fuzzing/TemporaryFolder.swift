import Foundation

/// A folder for the files of one input.
struct TemporaryFolder {
    let path: String

    init() throws {
        // In memory where that can be had: thousands of files are made, and each is synced.
        let memory = URL(filePath: "/dev/shm", directoryHint: .isDirectory)
        let hasMemory = access(memory.path(percentEncoded: false), W_OK) == 0
        let base = hasMemory ? memory : FileManager.default.temporaryDirectory
        let url = base.appending(path: "fuzz-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    /// Removes it with all that is in it.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// The names of everything in it, sorted.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// Writes a file that its owner alone may read.
    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: path(name)))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600],
            ofItemAtPath: path(name)
        )
    }

    /// The bytes of a file, `nil` if there is none.
    func bytes(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path(name)).map { [UInt8]($0) }
    }
}
