import Glibc

/// The first bytes of a file, read with a bound on how many there may be.
struct FileStart {
    /// The bytes.
    let bytes: [UInt8]
    /// Whether the file goes on after them.
    let isCut: Bool

    /// Reads at most so many bytes, or throws the system's words for why it cannot.
    init(of path: String, atMost limit: Int) throws(FileFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FileFailure(errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= limit {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw FileFailure(errno)
            }
        }
        self.bytes = Array(bytes.prefix(limit))
        self.isCut = bytes.count > limit
    }

    /// Whether every user of the machine may read the file.
    static func isReadableByAll(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IROTH != 0
    }
}

/// Why a file cannot be read.
struct FileFailure: Error {
    /// The system's words: `No such file or directory`.
    let reason: String

    fileprivate init(_ code: Int32) {
        reason = String(cString: strerror(code))
    }
}
