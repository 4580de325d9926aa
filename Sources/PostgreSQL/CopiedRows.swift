/// The rows of a query as they come, in the binary format of `COPY` (PostgreSQL 15, "COPY", "Binary Format").
///
/// Until all were read, or ``end()`` was called, the session does nothing else.
@safe public final class CopiedRows {
    /// The 11 bytes that a copy begins with.
    private static let signature: [UInt8] = [
        0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00,
    ]

    private let session: Session
    private let milliseconds: Int64
    /// The message that the row is in, and how far it was read.
    private var message: UnsafeMutableRawBufferPointer?
    private var place = 0
    private var hasBegun = false
    private var isOver = false
    /// Where the values of the row are; `nil` for one that is null.
    private var values: [Range<Int>?] = []

    init(_ session: Session, within milliseconds: Int64) {
        self.session = session
        self.milliseconds = milliseconds
        unsafe message = nil
    }

    deinit {
        end()
        letGo()
    }

    /// Goes on to the next row; returns whether there is one.
    public func next() throws(PostgreSQLError) -> Bool {
        values.removeAll(keepingCapacity: true)
        guard !isOver else { return false }
        if isReadThrough {
            letGo()
            do throws(PostgreSQLError) {
                unsafe message = try unsafe session.nextCopied(within: milliseconds)
            } catch {
                // The copy is over, and the session may do something else.
                isOver = true
                throw error
            }
            place = 0
        }
        guard unsafe message != nil else {
            isOver = true
            return false
        }
        if !hasBegun { try takeHead() }
        if isReadThrough { return try next() }
        let count = try number(Int16.self)
        // The end of the rows; the end of the copy follows.
        if count < 0 {
            end()
            return false
        }
        for _ in 0..<count {
            let length = try number(Int32.self)
            guard length >= 0 else {
                values.append(nil)
                continue
            }
            let start = place
            place += Int(length)
            guard unsafe place <= (message?.count ?? 0) else { throw misread }
            values.append(start..<place)
        }
        return true
    }

    /// The bytes of a value, which are there until the next row; `nil` where there is none.
    public func bytes(_ column: Int) -> UnsafeRawBufferPointer? {
        guard values.indices.contains(column), let place = values[column],
            let message = unsafe message
        else { return nil }
        return unsafe UnsafeRawBufferPointer(rebasing: message[place])
    }

    /// Reads what is left, and forgets it.
    public func end() {
        while !isOver {
            do throws(PostgreSQLError) {
                guard let message = try unsafe session.nextCopied(within: milliseconds) else {
                    break
                }
                unsafe session.free(message)
            } catch {
                break
            }
        }
        isOver = true
    }

    private func takeHead() throws(PostgreSQLError) {
        hasBegun = true
        for byte in Self.signature where try number(UInt8.self) != byte { throw misread }
        _ = try number(Int32.self)
        let extra = try number(Int32.self)
        guard extra >= 0 else { throw misread }
        place += Int(extra)
    }

    /// The next number, the highest byte first.
    private func number<Number: FixedWidthInteger>(
        _ type: Number.Type
    ) throws(PostgreSQLError) -> Number {
        let size = MemoryLayout<Number>.size
        guard let message = unsafe message, place + size <= message.count else {
            throw misread
        }
        defer { place += size }
        return unsafe Number(
            bigEndian: UnsafeRawBufferPointer(message)
                .loadUnaligned(fromByteOffset: place, as: Number.self)
        )
    }

    private var isReadThrough: Bool {
        unsafe message.map { place >= $0.count } ?? true
    }

    private var misread: PostgreSQLError {
        session.abandon()
        return .lost("what the database copies is not in its format")
    }

    private func letGo() {
        if let message = unsafe message { unsafe session.free(message) }
        unsafe message = nil
    }
}
