import Foundation

/// A file system of one megabyte, where the tests may mount one.
final class SmallDisk {
    let path: String

    init?(_ folder: TemporaryFolder) throws {
        path = folder.file("disk")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard Self.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path) else { return nil }
    }

    /// Fills it but for so many bytes, with a file `ballast`.
    func fill(leaving room: Int) throws {
        let descriptor = open(path + "/ballast", O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 1, count: 4_096)
        var size = 0
        while pwrite(descriptor, page, page.count, off_t(size)) == page.count { size += page.count }
        ftruncate(descriptor, off_t(size - room))
    }

    deinit {
        _ = Self.run("umount", "-l", path)
    }

    private static func run(_ command: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
