import Foundation

/// The place of a store in the file system, looked at without SQLite, which would leave its traces
/// beside whatever it opens.
struct StoreFile {
    /// What lies at the place.
    enum Content {
        /// Nothing, or an empty file: a new store can be made.
        case nothing
        /// A store, as far as its first 100 bytes tell. `hasLog` is whether a write-ahead log lies
        /// beside it: its last user was killed, or another program has it open.
        case store(hasLog: Bool)
    }

    /// The path as it was given, for messages.
    let path: String
    /// The absolute path without symbolic links, so that one file has one name.
    let resolved: String

    /// Resolves a path to a file that is there or can be made.
    init(path: String) throws(StoreError) {
        self.path = path
        guard !path.isEmpty else {
            throw .cannotOpen(path: "\"\"", reason: "the path is empty; name a file")
        }
        if let whole = Self.resolve(path) {
            resolved = whole
            return
        }
        let url = URL(fileURLWithPath: path, isDirectory: false)
        var link = stat()
        if unsafe lstat(path, &link) == 0 {
            throw .cannotOpen(path: path, reason: "it is a symbolic link that leads nowhere")
        }
        guard !path.hasSuffix("/") else {
            throw .cannotOpen(path: path, reason: "the path ends in /; name a file")
        }
        let folder = url.deletingLastPathComponent().path
        guard let resolvedFolder = Self.resolve(folder) else {
            throw .cannotOpen(path: path, reason: "the folder \(folder): \(Self.lastError)")
        }
        resolved = resolvedFolder + (resolvedFolder == "/" ? "" : "/") + url.lastPathComponent
    }

    /// Refuses what can be no store: a folder, a socket, a file without the right to write.
    func checkKind() throws(StoreError) {
        var status = stat()
        guard unsafe stat(resolved, &status) == 0 else { return }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else {
            throw .cannotOpen(path: path, reason: "it is a folder; name a file in it")
        }
        guard kind == S_IFREG else {
            throw .cannotOpen(path: path, reason: "it is no regular file")
        }
        guard unsafe access(resolved, R_OK | W_OK) == 0 else {
            throw .cannotOpen(path: path, reason: "reading and writing it: \(Self.lastError)")
        }
    }

    /// Refuses a folder in which no file can be made; each store has two or three beside it.
    func checkFolder() throws(StoreError) {
        let folder = URL(fileURLWithPath: resolved, isDirectory: false).deletingLastPathComponent()
        guard unsafe access(folder.path, W_OK | X_OK) == 0 else {
            let reason = "making files in the folder \(folder.path): \(Self.lastError)"
            throw .cannotOpen(path: path, reason: reason)
        }
    }

    /// Tells from the first bytes and the sizes what lies at the place.
    ///
    /// Called only while no connection of this process has the file open: closing a file drops
    /// every POSIX lock that the process has on it, SQLite's too.
    func content() throws(StoreError) -> Content {
        guard let size = Self.size(of: resolved), size > 0 else { return .nothing }
        guard let header = FileHeader(try firstBytes()) else { throw .notADatabase(path: path) }
        guard header.applicationID == Schema.applicationID else {
            throw .otherApplication(path: path, id: header.applicationID)
        }
        try check(version: header.version)
        guard header.isWritable else {
            throw .damaged(path: path, reason: "its header is of a form that can only be read")
        }
        let hasLog = (Self.size(of: resolved + "-wal") ?? 0) > 0
        // A store that was put back from a copy has a rollback journal until its first write-ahead log.
        let hasJournal = (Self.size(of: resolved + "-journal") ?? 0) > 0
        // While there is either, the file may lag behind its own header.
        if !hasLog, !hasJournal, let needed = header.size, size < needed {
            throw .damaged(path: path, reason: "it has \(size) bytes of \(needed)")
        }
        return .store(hasLog: hasLog)
    }

    func check(version: Int) throws(StoreError) {
        guard version <= Schema.version else {
            throw .newerVersion(path: path, found: version, known: Schema.version)
        }
        guard version >= 1 else {
            throw .damaged(path: path, reason: "its version is \(version), the first was 1")
        }
    }

    private func firstBytes() throws(StoreError) -> [UInt8] {
        let descriptor = unsafe open(resolved, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: Self.lastError) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: FileHeader.length)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw .readFailed(path: path, reason: Self.lastError) }
        return Array(bytes.prefix(count))
    }

    /// The rights of the file, as far as it is there.
    var mode: mode_t? {
        var status = stat()
        return unsafe stat(resolved, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    /// The first bytes of a file beside the store, none if there is no such file.
    func bytes(beside suffix: String, atMost limit: Int) throws(StoreError) -> [UInt8] {
        let beside = resolved + suffix
        // A file that is no regular one must not keep the process waiting.
        let descriptor = unsafe open(beside, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0, errno == ENOENT { return [] }
        guard descriptor >= 0 else { throw unreadable(beside) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw unreadable(beside) }
        var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size), limit))
        var count = 0
        while count < bytes.count {
            let added = unsafe bytes.withUnsafeMutableBytes { rest in
                unsafe read(descriptor, rest.baseAddress?.advanced(by: count), rest.count - count)
            }
            guard added >= 0 else { throw unreadable(beside) }
            guard added > 0 else { break }
            count += added
        }
        return Array(bytes.prefix(count))
    }

    private func unreadable(_ beside: String) -> StoreError {
        .readFailed(path: path, reason: "\(beside) beside it: \(Self.lastError)")
    }

    /// Sees to it that the name of a file is on the disk, as far as the file system can.
    static func syncFolder(of path: String) {
        let folder = URL(fileURLWithPath: path, isDirectory: false).deletingLastPathComponent().path
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static func size(of path: String) -> Int64? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// What the last failing system call said.
    static var lastError: String { unsafe String(cString: strerror(errno)) }

    private static func resolve(_ path: String) -> String? {
        guard let text = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
