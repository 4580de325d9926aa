import Foundation

/// The file of a Unix socket that this process has made, known by its device and inode: another program may put
/// one of its own in its place.
struct SocketFile: Hashable, Sendable {
    /// Its owner and its group may use it; who can reach it is up to the folder as well.
    static let mode: mode_t = 0o660

    let path: String
    private let device: UInt64
    private let inode: UInt64

    /// Takes charge of the file at a path, which was just made.
    ///
    /// - Throws: ``HTTPServer/Failure`` where its permissions cannot be set.
    init(madeAt path: String) throws(HTTPServer.Failure) {
        guard unsafe chmod(path, Self.mode) == 0, let (device, inode) = Self.identity(of: path)
        else {
            let words = Self.words(for: errno)
            throw HTTPServer.Failure("the permissions of \(path) cannot be set: \(words)")
        }
        self.path = path
        self.device = device
        self.inode = inode
    }

    /// Removes the file, unless it is another one by now.
    func remove() {
        guard let (device, inode) = Self.identity(of: path),
            (device, inode) == (self.device, self.inode)
        else { return }
        unsafe unlink(path)
    }

    private static func identity(of path: String) -> (device: UInt64, inode: UInt64)? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return (UInt64(status.st_dev), UInt64(status.st_ino))
    }

    static func words(for code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
