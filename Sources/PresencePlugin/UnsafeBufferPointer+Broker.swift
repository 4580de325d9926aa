import CMosquittoBroker

/// A text of the broker's, as the bytes up to its zero.
struct CText {
    let buffer: UnsafeBufferPointer<UInt8>

    /// No text is no bytes.
    init(_ text: UnsafePointer<CChar>?) {
        buffer = UnsafeBufferPointer(
            start: text.map { UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) },
            count: text.map { broker_length($0) } ?? 0
        )
    }
}
