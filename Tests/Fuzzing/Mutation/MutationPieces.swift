/// What breaks programs that read: pieces that are put into inputs that were valid.
enum MutationPieces {
    /// Numbers at the limits of types and of the protocol.
    static let numbers = [
        "0", "-0", "1", "-1", "4", "5", "64", "65", "100", "101", "500", "501", "1024", "86400",
        "86401", "2592000", "2592001", "2147483647", "2147483648", "4294967295", "4294967296",
        "253402300799", "253402300800", "9007199254740991", "9007199254740992",
        "9007199254740993", "-9007199254740992", "-9007199254740993", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "18446744073709551616", "1e3", "1E400", "-1e400", "1e-400", "0.1", "1.0", "01", "+1", "1.",
        ".5", "1e", "0x10", "NaN", "Infinity", "99999999999999999999999999999999999999",
    ]

    /// Pieces of JSON.
    static let tokens = [
        ",", ":", "\"", "\\", "[", "]", "{", "}", "{}", "[]", "null", "true", "false", "\\u0000",
        "\\ud83d", "\\ude00", "\\ud83d\\ude00", "\\u00e9", "\\x", "\\\"", " ", "\t", "\n", "\r",
        "\"id\":1,", "\"id\":\"x\",", "\"id\":null,", "\"all\":true,", "\"usernames\":[\"bob\"],",
        "\"brief\":true,", "\"expiry\":1,", "\"by\":\"presence-bridge\",", "\"cause\":\"ttl\",",
        "\"status\":\"lost\",", "\"ttl\":5,", "\"session\":\"a\",", "\"cursor\":\"1-a\",",
    ]

    /// Text that is one thing in Unicode and another in bytes.
    static let texts = [
        "\u{E9}", "e\u{301}", "\u{301}", "\u{FEFF}", "\u{200D}", "\u{202E}", "\u{85}", "\u{7F}",
        "\u{2028}", "\u{FFFD}", "\u{FFFF}", "\u{10FFFF}", "\u{1F468}\u{200D}\u{1F469}",
        "\u{1F1E9}\u{1F1EA}", "\u{0}", "\u{1}", "\u{1F}", "/", "//", "+", "#", "$", "$SYS", "%u",
        "\u{AC00}\u{11A8}", "\u{1100}\u{1161}", "\u{212A}", "\u{DF}", "\u{130}",
    ]

    /// Bytes that are no UTF-8.
    static let badUTF8: [[UInt8]] = [
        [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
        [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xFF], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF],
    ]

    /// Lengths at which something is cut or refused.
    static let lengths = [1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1_023, 1_024, 1_025, 4_096]

    /// Any of the pieces, as bytes.
    static func piece(_ dice: inout Dice) -> [UInt8] {
        switch dice.roll(8) {
        case 0: Array((dice.pick(from: numbers) ?? "0").utf8)
        case 1, 2: Array((dice.pick(from: tokens) ?? ",").utf8)
        case 3: Array((dice.pick(from: texts) ?? "e").utf8)
        case 4: dice.pick(from: badUTF8) ?? [0xFF]
        case 5: run(&dice)
        case 6: nest(&dice)
        default: [UInt8(dice.roll(256))]
        }
    }

    /// The same piece many times.
    private static func run(_ dice: inout Dice) -> [UInt8] {
        let piece = Array((dice.pick(from: texts + ["a", "\\u0000", "[", "0"]) ?? "a").utf8)
        let count = dice.pick(from: lengths) ?? 1
        return Array(repeatElement(piece, count: count).joined())
    }

    /// Values in values in values.
    private static func nest(_ dice: inout Dice) -> [UInt8] {
        let depth = dice.pick(1, 7, 31, 32, 33, 63, 64, 65, 127, 128, 129, 511, 512, 513, 5_000)
        let (left, right) = dice.pick(("[", "]"), ("{\"a\":", "}"), ("[", ""))
        let text =
            String(repeating: left, count: depth) + "1" + String(repeating: right, count: depth)
        return Array(text.utf8)
    }
}
