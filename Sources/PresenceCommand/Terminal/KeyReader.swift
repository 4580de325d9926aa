/// Makes keys of what a terminal sends (ECMA-48, and xterm's names for keys).
struct KeyReader {
    private static let sequences: [String: Key] = [
        "[A": .up, "[B": .down, "OA": .up, "OB": .down, "[5~": .pageUp, "[6~": .pageDown,
        "[H": .home, "[F": .end, "OH": .home, "OF": .end, "[1~": .home, "[4~": .end,
    ]
    private static let escape: UInt8 = 0x1B

    /// The beginning of a letter whose other bytes have not come yet.
    private var rest: [UInt8] = []

    /// The keys of what was read at one go.
    mutating func read(_ bytes: [UInt8]) -> [Key] {
        var keys: [Key] = []
        var bytes = (rest + bytes)[...]
        rest = []
        while let byte = bytes.first {
            if byte == Self.escape {
                keys += Self.takeSequence(&bytes)
            } else if byte < 0x20 || byte == 0x7F {
                bytes = bytes.dropFirst()
                switch byte {
                case 0x0A, 0x0D: keys.append(.enter)
                case 0x08, 0x7F: keys.append(.backspace)
                default: break
                }
            } else {
                let length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
                guard bytes.count >= length else {
                    rest = Array(bytes)
                    break
                }
                let letter = String(validating: bytes.prefix(length), as: UTF8.self)
                if let character = letter?.first { keys.append(.text(character)) }
                bytes = bytes.dropFirst(length)
            }
        }
        return keys
    }

    /// Takes what begins with an escape: the key alone, where nothing follows at once.
    private static func takeSequence(_ bytes: inout ArraySlice<UInt8>) -> [Key] {
        bytes = bytes.dropFirst()
        guard let second = bytes.first, second == UInt8(ascii: "[") || second == UInt8(ascii: "O")
        else { return [.escape] }
        var text = String(UnicodeScalar(second))
        bytes = bytes.dropFirst()
        while let byte = bytes.first {
            bytes = bytes.dropFirst()
            text.append(Character(UnicodeScalar(byte)))
            if (0x40...0x7E).contains(byte) { break }
        }
        return sequences[text].map { [$0] } ?? []
    }
}
