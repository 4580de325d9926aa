import Foundation

/// How many instructions the core's hot paths take, by their names.
struct Counts {
    /// How much a path may become dearer, or cheaper without anyone taking note.
    static let tolerance = 0.1

    /// The package.
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Where the counts are kept that hold.
    private static let file = root.appending(path: "Tests/CountsTests/counts.txt")

    /// Why nothing can be counted here; `nil` if it can.
    static var obstacle: String? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        guard folders.contains(where: { isExecutable("\($0)/valgrind") }) else {
            return "valgrind is not installed: scripts/install-packages.sh counts"
        }
        guard isExecutable(root.appending(path: ".build/release/core-counts").path) else {
            return "it is not built: swift build -c release --product core-counts"
        }
        return nil
    }

    private static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path)
    }

    /// The counts.
    var paths: [String: Int] = [:]

    /// Reads lines of a name and a count.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let count = Int(words[1]) { paths[String(words[0])] = count }
        }
    }

    /// The counts that are kept.
    static func kept() throws -> Counts {
        Counts(try String(contentsOf: file, encoding: .utf8))
    }

    /// The counts as they are now.
    static func taken() throws -> Counts {
        let process = Process()
        process.executableURL = root.appending(path: "scripts/counts.sh")
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Counts(String(decoding: output, as: UTF8.self))
    }

    /// What is not as it was, in words.
    func changes(since kept: Counts) -> [String] {
        Set(paths.keys).union(kept.paths.keys).sorted().compactMap { path in
            guard let before = kept.paths[path] else { return "\(path) is not kept yet" }
            guard let now = paths[path] else { return "\(path) is no longer counted" }
            let change = Double(now) / Double(before) - 1
            guard abs(change) > Self.tolerance else { return nil }
            let percent = Int((change * 100).rounded())
            return "\(path) took \(before) instructions and takes \(now): \(percent) %"
        }
    }
}
