/// What the first 100 bytes of an SQLite database tell
/// (https://www.sqlite.org/fileformat2.html, 1.3).
struct FileHeader {
    static let length = 100

    /// The size that the file must have, in bytes, `nil` where the header does not know.
    let size: Int64?
    /// Whether a database of this form can be written: SQLite only reads one of a later form.
    let isWritable: Bool
    let version: Int
    /// The program that the database belongs to, 0 where none was named.
    let applicationID: UInt32

    /// Reads a header, `nil` when the bytes are none.
    init?(_ bytes: [UInt8]) {
        let magic = Array("SQLite format 3\0".utf8)
        guard bytes.count >= Self.length, bytes.starts(with: magic) else { return nil }
        func number(at offset: Int) -> UInt32 {
            bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        // Of a page of 65,536 bytes the two bytes say 1.
        let written = Int64(number(at: 16) >> 16)
        let pageSize = written == 1 ? 65_536 : written
        // The count of pages holds only if it was written with the last change.
        let pages = number(at: 24) == number(at: 92) ? Int64(number(at: 28)) : 0
        size = pages == 0 ? nil : pages * pageSize
        isWritable = (1...2).contains(bytes[18]) && (1...2).contains(bytes[19])
        version = Int(Int32(bitPattern: number(at: 60)))
        applicationID = number(at: 68)
    }
}
