import BrokerFixture
import Foundation

/// A file system of one mebibyte in memory, to be filled up.
final class SmallDisk: Sendable {
    private let folder: TemporaryFolder

    private init(_ folder: TemporaryFolder) { self.folder = folder }

    /// Mounts one; `nil` where that is not permitted.
    static func mount() async throws -> SmallDisk? {
        let folder = try TemporaryFolder()
        do {
            try await Child.run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path])
        } catch {
            return nil
        }
        return SmallDisk(folder)
    }

    /// The path of a file on it.
    func file(_ name: String) -> String { folder.file(name) }

    /// Writes until there is no room left.
    func fill() {
        let descriptor = open(file("ballast"), O_WRONLY | O_CREAT | O_APPEND, 0o644)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0, count: 4_096)
        while write(descriptor, page, page.count) > 0 {}
    }

    /// Makes room again.
    func empty() { unlink(file("ballast")) }

    /// Takes it away, also while somebody still uses it.
    func unmount() { _ = try? Child.runBlocking("umount", ["-l", folder.path]) }
}

/// The lock that a program holds on a store while it writes, taken without SQLite.
///
/// SQLite in WAL mode locks single bytes of the log's index (section 2.3.1 of "WAL-mode File
/// Format"); byte 120 is that of the writer.
final class WriteLock {
    private let descriptor: Int32

    /// Takes it, as soon as nobody else holds it.
    init(on store: String) throws {
        descriptor = open(store + "-shm", O_RDWR | O_CLOEXEC)
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 120
        lock.l_len = 1
        guard descriptor >= 0, fcntl(descriptor, F_SETLKW, &lock) == 0 else {
            throw FixtureError("\(store)-shm cannot be locked: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Gives it back.
    func release() {
        var lock = flock()
        lock.l_type = Int16(F_UNLCK)
        lock.l_whence = Int16(SEEK_SET)
        _ = fcntl(descriptor, F_SETLK, &lock)
    }
}
