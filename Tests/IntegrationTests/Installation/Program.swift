import Foundation

/// The programs that a test can do without.
enum Program {
    /// Whether one is among those that a child finds by its name.
    static func isInstalled(_ name: String) -> Bool {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/usr/bin"
        return path.split(separator: ":").contains { folder in
            FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)")
        }
    }
}
