/// What a device says of itself in one word: 1 to 32 characters out of `a-z 0-9 _ -`.
public struct StatusWord: Hashable, Sendable {
    /// Most devices say one of these: as numbers they are compared and copied without a look at a text.
    private enum Usual: UInt8 {
        case online, offline, lost, invisible, busy, dnd, away, idle, xa, sleeping

        init?(_ text: RawText) {
            switch text {
            case "online": self = .online
            case "away": self = .away
            case "busy": self = .busy
            case "lost": self = .lost
            case "idle": self = .idle
            case "offline": self = .offline
            case "dnd": self = .dnd
            case "invisible": self = .invisible
            case "sleeping": self = .sleeping
            case "xa": self = .xa
            default: return nil
            }
        }

        var text: String {
            switch self {
            case .online: "online"
            case .offline: "offline"
            case .lost: "lost"
            case .invisible: "invisible"
            case .busy: "busy"
            case .dnd: "dnd"
            case .away: "away"
            case .idle: "idle"
            case .xa: "xa"
            case .sleeping: "sleeping"
            }
        }
    }

    private enum Form: Hashable {
        case usual(Usual)
        /// None of the usual ones.
        case other(String)
    }

    /// The most characters of a word.
    public static let longest = 32

    /// The word of a birth that names none.
    public static let online = StatusWord(form: .usual(.online))
    /// The device has logged out.
    public static let offline = StatusWord(form: .usual(.offline))
    /// The last will: the device has vanished.
    public static let lost = StatusWord(form: .usual(.lost))
    /// The device is connected, and to everyone as if it had logged out.
    public static let invisible = StatusWord(form: .usual(.invisible))
    /// The device sleeps, and comes back by itself.
    public static let sleeping = StatusWord(form: .usual(.sleeping))

    private let form: Form

    private init(form: Form) { self.form = form }

    /// The word as text.
    public var text: String {
        switch form {
        case .usual(let word): word.text
        case .other(let text): text
        }
    }

    /// Takes a word that was checked before, as when it is read back from the store.
    public init(checked text: String) {
        let usual = unsafe text.withBytes { unsafe Usual(RawText($0)) }
        form = usual.map(Form.usual) ?? .other(text)
    }

    /// A word, or `nil` when the text has another form.
    public init?(_ text: String) {
        guard unsafe text.withBytes({ unsafe Self.isWord($0) }) else { return nil }
        self.init(checked: text)
    }

    /// The word that a device says: upper case is lower, and what things say by habit is understood.
    ///
    /// Firmware says `ON`, `true` or `1` for itself, and leaves `Offline` or `unavailable` as its
    /// will. `nil` when the text has no word's form.
    public init?(said text: String) {
        let word = unsafe text.withBytes { unsafe Self(said: RawText($0)) }
        guard let word else { return nil }
        self = word
    }

    init?(said text: RawText) {
        if !text.hasEscapes, let usual = Usual(text) {
            self.init(form: .usual(usual))
        } else if unsafe !text.hasEscapes && Self.isWord(text.bytes) {
            self = Self.habit(text) ?? Self(form: .other(text.string))
        } else {
            // An escape stands for a letter, or a letter is an upper case one; of others none is a word's.
            let plain = text.string.asciiLowercased
            guard unsafe plain.withBytes({ unsafe Self.isWord($0) }) else { return nil }
            self.init(said: plain)
        }
    }

    /// What stands for a word that things say by habit.
    private static func habit(_ text: RawText) -> Self? {
        switch text {
        case "1", "on", "true", "connected", "available": .online
        case "0", "off", "false", "dead", "unavailable", "disconnected": .lost
        default: nil
        }
    }

    private static func isWord(_ bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe (1...Self.longest).contains(bytes.count) && bytes.allSatisfy(Self.mayStand)
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
        switch form {
        case .usual(.offline), .usual(.lost), .usual(.invisible): false
        default: true
        }
    }

    /// How a user's devices are weighed: the lowest rank speaks for the user.
    public var rank: Int {
        switch form {
        case .usual(.busy), .usual(.dnd): 0
        case .usual(.away), .usual(.idle), .usual(.xa), .usual(.sleeping): 2
        default: 1
        }
    }
}

extension String {
    /// The text with `a` to `z` for `A` to `Z`.
    fileprivate var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

extension StatusWord: CustomStringConvertible {
    /// The word as text.
    public var description: String { text }
}
