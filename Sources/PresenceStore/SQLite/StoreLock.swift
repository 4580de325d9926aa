import Foundation

/// Keeps a store to one bridge: a lock on a file beside it, which goes with the process however
/// that ends.
///
/// It is not a lock on the database itself, so that other programs may look into that one
/// meanwhile.
final class StoreLock {
    private let path: String
    private let descriptor: Int32

    /// Takes the lock or says who has it.
    init(_ file: StoreFile) throws(StoreError) {
        path = file.resolved + "-lock"
        while true {
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                let reason = "making \(path): \(StoreFile.lastError)"
                throw .cannotOpen(path: file.path, reason: reason)
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                guard code != EWOULDBLOCK else { throw .inUse(path: file.path) }
                let reason = unsafe "locking \(path): \(String(cString: strerror(code)))"
                throw .cannotOpen(path: file.path, reason: reason)
            }
            var status = stat()
            if unsafe fstat(descriptor, &status) == 0, status.st_nlink > 0 {
                self.descriptor = descriptor
                return
            }
            // Its last holder took the file away between the two calls: this lock holds nothing.
            close(descriptor)
        }
    }

    deinit {
        unsafe unlink(path)
        close(descriptor)
    }
}
