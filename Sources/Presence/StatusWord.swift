/// What a device says of itself in one word: 1 to 32 characters out of `a-z 0-9 _ -`.
public struct StatusWord: Hashable, Sendable {
    /// The most characters of a word.
    public static let longest = 32

    /// The word of a birth that names none.
    public static let online = StatusWord(checked: "online")
    /// The device has logged out.
    public static let offline = StatusWord(checked: "offline")
    /// The last will: the device has vanished.
    public static let lost = StatusWord(checked: "lost")
    /// The device is connected, and to everyone as if it had logged out.
    public static let invisible = StatusWord(checked: "invisible")

    /// The word as text.
    public let text: String

    /// Takes a word that was checked before, as when it is read back from the store.
    public init(checked text: String) {
        self.text = text
    }

    /// A word, or `nil` when the text has another form.
    public init?(_ text: String) {
        guard (1...Self.longest).contains(text.utf8.count) else { return nil }
        guard unsafe text.withBytes({ unsafe $0.allSatisfy(Self.mayStand) }) else { return nil }
        self.text = text
    }

    /// The word that a device says: upper case is lower, and what things say by habit is understood.
    ///
    /// Firmware says `ON`, `true` or `1` for itself, and leaves `Offline` or `unavailable` as its
    /// will. `nil` when the text has no word's form.
    public init?(said text: String) {
        let isLower = !text.utf8.contains { (0x41...0x5A).contains($0) }
        guard let word = Self(isLower ? text : text.asciiLowercased) else { return nil }
        self = Self.habit(word.text) ?? word
    }

    /// What stands for a word that things say by habit.
    private static func habit(_ text: String) -> Self? {
        // By its length first: most words are none of these, and comparing texts costs more.
        switch text.utf8.count {
        case 1: text == "1" ? .online : text == "0" ? .lost : nil
        case 2: text == "on" ? .online : nil
        case 3: text == "off" ? .lost : nil
        case 4: text == "true" ? .online : text == "dead" ? .lost : nil
        case 5: text == "false" ? .lost : nil
        case 9: text == "connected" || text == "available" ? .online : nil
        case 11: text == "unavailable" ? .lost : nil
        case 12: text == "disconnected" ? .lost : nil
        default: nil
        }
    }

    private static func mayStand(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Whether a device that says so is online to others.
    public var isOnline: Bool {
        switch text {
        case "offline", "lost", "invisible": false
        default: true
        }
    }

    /// How a user's devices are weighed: the lowest rank speaks for the user.
    public var rank: Int {
        switch text {
        case "busy", "dnd": 0
        case "away", "idle", "xa", "sleeping": 2
        default: 1
        }
    }
}

extension String {
    /// The text with `a` to `z` for `A` to `Z`; of other letters none is a word's.
    fileprivate var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

extension StatusWord: CustomStringConvertible {
    /// The word as text.
    public var description: String { text }
}
