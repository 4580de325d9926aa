import Foundation

/// A small file system in memory, to be filled up.
public final class SmallDisk: Sendable {
    private let folder: TemporaryFolder

    private init(_ folder: TemporaryFolder) { self.folder = folder }

    /// Mounts one of so many mebibytes; `nil` where that is not permitted.
    public static func mount(mebibytes: Int = 1) async throws -> SmallDisk? {
        let folder = try TemporaryFolder()
        do {
            let size = "size=\(mebibytes)m"
            try await Child.run("mount", ["-t", "tmpfs", "-o", size, "tmpfs", folder.path])
        } catch {
            return nil
        }
        return SmallDisk(folder)
    }

    /// The path of a file on it.
    public func file(_ name: String) -> String { folder.file(name) }

    /// Writes until there is no room left.
    public func fill() {
        let descriptor = open(file("ballast"), O_WRONLY | O_CREAT | O_APPEND, 0o644)
        defer { close(descriptor) }
        for size in [65_536, 4_096] {
            let block = [UInt8](repeating: 0, count: size)
            while write(descriptor, block, size) > 0 {}
        }
    }

    /// Makes room again.
    public func empty() { unlink(file("ballast")) }

    /// Takes it away, also while somebody still uses it.
    public func unmount() { _ = try? Child.runBlocking("umount", ["-l", folder.path]) }
}

/// The lock that a program holds on a store while it writes, taken without SQLite.
///
/// SQLite in WAL mode locks single bytes of the log's index (section 2.3.1 of "WAL-mode File
/// Format"); byte 120 is that of the writer.
public final class WriteLock: Sendable {
    private let descriptor: Int32

    /// Takes it, as soon as nobody else holds it.
    ///
    /// - Parameter patience: For how long that is waited for; `nil` for ever.
    public init(on store: String, patience: Duration? = nil) throws {
        descriptor = open(store + "-shm", O_RDWR | O_CLOEXEC)
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 120
        lock.l_len = 1
        let isTaken =
            if let patience {
                Deadline(in: patience).poll { fcntl(descriptor, F_SETLK, &lock) == 0 ? () : nil }
                    != nil
            } else {
                fcntl(descriptor, F_SETLKW, &lock) == 0
            }
        guard descriptor >= 0, isTaken else {
            throw FixtureError("\(store)-shm cannot be locked: \(String(cString: strerror(errno)))")
        }
    }

    /// Takes it away from the threads that the tests share, within half a second.
    public static func take(on store: String) async throws -> WriteLock {
        try await offPool { try WriteLock(on: store, patience: .milliseconds(500)) }
    }

    deinit { close(descriptor) }

    /// Gives it back.
    public func release() {
        var lock = flock()
        lock.l_type = Int16(F_UNLCK)
        lock.l_whence = Int16(SEEK_SET)
        _ = fcntl(descriptor, F_SETLK, &lock)
    }
}
