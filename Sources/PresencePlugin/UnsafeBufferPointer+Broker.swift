import CMosquittoBroker

extension UnsafeBufferPointer<UInt8> {
    /// The bytes of a text of the broker's, up to its zero; no text has none.
    init(text: UnsafePointer<CChar>?) {
        unsafe self.init(
            start: text.map { unsafe UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) },
            count: unsafe text.map { unsafe broker_length($0) } ?? 0
        )
    }

    init(payload: UnsafeRawPointer?, length: UInt32) {
        unsafe self.init(
            start: payload?.assumingMemoryBound(to: UInt8.self),
            count: payload == nil ? 0 : Int(length)
        )
    }
}
