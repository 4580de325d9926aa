/// One key of the configuration: the single place that knows everything about it.
///
/// The file, the flags, the environment, `--check`, `--help`, the shipped `bridge.conf` and the
/// chapter on configuration are all made from the list of these, ``all``.
public struct Setting: Sendable {
    /// The key as the file spells it: `max_devices`.
    public let key: String
    /// What it was called in the release before this one, which still takes that, with a warning.
    let formerKey: String?
    /// What it means, in one or two sentences.
    public let meaning: String
    /// What is allowed, with the unit: `1 to 65536 bytes`.
    public let allowed: String
    /// When a new value takes effect.
    public internal(set) var takesEffect = Moment.atOnce
    /// Whether the value must not be shown.
    public let isSecret: Bool
    /// The value that the shipped `bridge.conf` sets; `nil` when it leaves the key at its default.
    public let shipped: String?
    /// Whether it may stand in the file more than once: then its values are read as one, in their order.
    public let isRepeatable: Bool
    /// What a shell can offer where its value is typed.
    public let completion: ValueCompletion

    /// When a new value takes effect.
    public enum Moment: Hashable, Sendable {
        /// As soon as the file is read again.
        case atOnce
        /// With the next start of the bridge.
        case atStart
    }

    private let isQuotable: Bool
    private let parse: @Sendable (String, inout Settings) throws(BadValue) -> Void
    private let write: @Sendable (Settings) -> String?
    /// Gives the second settings the value that the first have.
    let copy: @Sendable (_ source: Settings, _ target: inout Settings) -> Void
    /// Whether both settings have the same value here.
    let isSame: @Sendable (Settings, Settings) -> Bool

    /// Ties a key to its kind of value and its place in the settings.
    init<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Settings, Value> & Sendable,
        _ kind: ValueKind<Value>,
        formerKey: String? = nil,
        isSecret: Bool = false,
        isRepeatable: Bool = false,
        shipped: String? = nil,
        _ meaning: String
    ) {
        self.key = key
        self.formerKey = formerKey
        self.meaning = meaning
        self.isSecret = isSecret
        self.isRepeatable = isRepeatable
        self.shipped = shipped
        allowed = kind.allowed
        completion = kind.completion
        isQuotable = kind.isQuotable
        parse = { text, settings throws(BadValue) in
            settings[keyPath: path] = try kind.parse(text)
        }
        write = { kind.show($0[keyPath: path]) }
        copy = { $1[keyPath: path] = $0[keyPath: path] }
        isSame = { $0[keyPath: path] == $1[keyPath: path] }
    }

    /// The key as the environment spells it: `PRESENCE_BRIDGE_MAX_DEVICES`.
    public var environmentName: String { EnvironmentName.of(key) }

    /// The value as the file would spell it; `nil` when there is none.
    public func show(_ settings: Settings) -> String? {
        isSecret ? write(settings).map { _ in "********" } : write(settings)
    }

    /// The default as the file would spell it; `nil` when there is none.
    public var defaultText: String? { show(Settings()) }

    /// Reads the text into its place, or returns what is wrong with it and what is allowed.
    func apply(_ text: String, to settings: inout Settings) -> String? {
        guard !text.isEmpty else { return "has no value; allowed: \(allowed)" }
        do throws(BadValue) {
            try parse(text, &settings)
            return nil
        } catch {
            let subject = isSecret || !isQuotable ? "the value" : quoted(text)
            return "\(subject) \(error.reason); allowed: \(allowed)"
        }
    }
}

extension Setting {
    /// Every key, in the order of the shipped file.
    public static let all: [Setting] = SettingGroup.all.flatMap(\.settings)

    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// The setting of that key, or `nil` when there is none.
    public static func named(_ key: String) -> Setting? { byKey[key] }

    /// The setting of that key, be it its former one.
    static func known(as key: String) -> Setting? {
        named(key) ?? all.first { $0.formerKey == key }
    }

    /// The keys with their defaults, their meanings and what is allowed, under their headings, as
    /// `--help` prints them.
    public static var help: String {
        SettingGroup.all.map { group in
            let keys = group.settings.map { setting in
                let value = setting.defaultText ?? "VALUE"
                let meaning = "\(setting.meaning) Allowed: \(setting.allowed)."
                    .wrapped(to: 70).map { "      \($0)\n" }.joined()
                return "  --\(setting.key) \(value)\n" + meaning
            }
            return "\(group.title):\n" + keys.joined()
        }.joined(separator: "\n")
    }
}

extension String {
    /// The text in lines of at most so many characters, broken at blanks.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
