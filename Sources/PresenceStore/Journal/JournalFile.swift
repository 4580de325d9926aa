import Foundation

/// One of the two files of a journal: records, one behind the other.
final class JournalFile {
    let path: String
    /// The path of the store, for messages.
    private let storePath: String
    /// The rights of the store's own file, which this one gets, too.
    private let mode: mode_t
    private var descriptor: Int32?
    /// How many bytes of records it has.
    ///
    /// What may lie behind them is no record.
    private(set) var length: Int64 = 0

    init(path: String, storePath: String, mode: mode_t) {
        self.path = path
        self.storePath = storePath
        self.mode = mode
    }

    deinit {
        close()
    }

    /// Writes a record behind the others by a single call; where it throws, none of it stays.
    ///
    /// - Parameter isSynced: whether it waits until the disk has the record.
    func append(_ record: [UInt8], isSynced: Bool) throws(StoreError) {
        let descriptor = try open(isSynced: isSynced)
        let count = unsafe record.withUnsafeBytes { bytes in
            unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(length))
        }
        let isWhole = count == record.count
        guard isWhole, !isSynced || fdatasync(descriptor) == 0 else {
            // A part of a record means that there was room for no more.
            let code = isWhole || count < 0 ? errno : ENOSPC
            // The next record is written over what this leaves, should it fail.
            ftruncate(descriptor, off_t(length))
            throw error(code)
        }
        length += Int64(record.count)
    }

    /// Makes it empty, when all that it holds is in SQLite.
    ///
    /// Should that fail, the next record is written over the first one, and what lies behind counts for
    /// nothing, since SQLite knows the number of the last turn that it has.
    func empty() {
        if let descriptor, length > 0 { Self.empty(descriptor) }
        length = 0
    }

    /// Makes it empty on another thread; the caller leaves it alone until ``wasEmptied()``.
    var emptying: @Sendable () -> Void {
        { [descriptor] in if let descriptor { Self.empty(descriptor) } }
    }

    func wasEmptied() { length = 0 }

    /// Takes the file away.
    func remove() {
        close()
        unsafe unlink(path)
    }

    func close() {
        if let descriptor { _ = Foundation.close(descriptor) }
        descriptor = nil
        length = 0
    }

    private static func empty(_ descriptor: Int32) { ftruncate(descriptor, 0) }

    /// The open file, which is made when there is something to write.
    private func open(isSynced: Bool) throws(StoreError) -> Int32 {
        if let descriptor { return descriptor }
        let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let opened = unsafe Foundation.open(path, flags, mode)
        guard opened >= 0 else { throw error(errno) }
        // Past what the process takes from the rights of files that it makes.
        fchmod(opened, mode)
        // A file whose name is not on the disk is lost with the power, whatever was written to it.
        if isSynced { StoreFile.syncFolder(of: path) }
        descriptor = opened
        return opened
    }

    private func error(_ code: Int32) -> StoreError {
        if code == ENOSPC || code == EDQUOT { return .full(path: storePath) }
        let words = unsafe String(cString: strerror(code))
        return .writeFailed(path: storePath, reason: "its journal \(path): \(words)")
    }
}
