import Foundation

/// The first bytes of a file, read with a bound on how many there may be.
struct FilePrefix {
    let bytes: [UInt8]
    let isCut: Bool

    init(of path: String, atMost limit: Int) throws(FileFailure) {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            let data = try file.read(upToCount: limit + 1) ?? Data()
            bytes = Array(data.prefix(limit))
            isCut = data.count > limit
        } catch {
            throw FileFailure(error as NSError)
        }
    }

    static func isReadableByAll(_ path: String) -> Bool {
        let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        return (attributes?[.posixPermissions] as? Int ?? 0) & 0o004 != 0
    }
}

/// Why a file cannot be read.
struct FileFailure: Error {
    /// The system's words: `No such file or directory`.
    let reason: String

    fileprivate init(_ error: NSError) {
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError
        reason = cause?.localizedFailureReason ?? error.localizedDescription
    }
}
