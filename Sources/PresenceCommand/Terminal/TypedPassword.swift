/// A password while it is typed, key by key.
struct TypedPassword {
    enum End: Hashable {
        case done
        case interrupted
    }

    private var bytes: [UInt8] = []

    /// Takes a key; returns the end, if it is that.
    ///
    /// The keys for one character back (DEL, BS) and for all of the line (Ctrl-U) do that; other
    /// control characters are no part of a password.
    mutating func type(_ key: UInt8) -> End? {
        switch key {
        case 0x0A, 0x0D, 0x04: return .done
        case 0x03: return .interrupted
        case 0x7F, 0x08:
            while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
        case 0x15: bytes = []
        case 0x00..<0x20: break
        default: bytes.append(key)
        }
        return nil
    }

    /// What was typed; `nil` for nothing, and for what is no text.
    var text: String? { bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self) }
}
