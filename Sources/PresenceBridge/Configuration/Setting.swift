/// One key of the configuration: the single place that knows everything about it.
///
/// The file, the flags, the environment, `--check`, `--help`, the shipped `bridge.conf` and the
/// chapter on configuration are all made from the list of these, ``all``.
public struct Setting: Sendable {
    /// The key as the file spells it: `max_devices`.
    public let key: String
    /// What it means, in one or two sentences.
    public let meaning: String
    /// What is allowed, with the unit: `1 to 65536 bytes`.
    public let allowed: String
    /// When a new value takes effect.
    public let takesEffect: Moment
    /// Whether the value must not be shown.
    public let isSecret: Bool
    /// The value that the shipped `bridge.conf` sets; `nil` when it leaves the key at its default.
    public let shipped: String?

    /// When a new value takes effect.
    public enum Moment: Hashable, Sendable {
        /// As soon as the file is read again.
        case atOnce
        /// With the next start of the bridge.
        case atStart
    }

    private let assign: @Sendable (inout Settings, String) throws(BadValue) -> Void
    private let write: @Sendable (Settings) -> String?
    private let transfer: @Sendable (inout Settings, Settings) -> Void
    private let compare: @Sendable (Settings, Settings) -> Bool

    /// Ties a key to its kind of value and its place in the settings.
    init<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Settings, Value> & Sendable,
        _ kind: ValueKind<Value>,
        takesEffect: Moment = .atOnce,
        isSecret: Bool = false,
        shipped: String? = nil,
        _ meaning: String
    ) {
        self.key = key
        self.meaning = meaning
        self.allowed = kind.allowed
        self.takesEffect = takesEffect
        self.isSecret = isSecret
        self.shipped = shipped
        self.assign = { settings, text throws(BadValue) in
            settings[keyPath: path] = try kind.parse(text)
        }
        self.write = { kind.show($0[keyPath: path]) }
        self.transfer = { $0[keyPath: path] = $1[keyPath: path] }
        self.compare = { $0[keyPath: path] == $1[keyPath: path] }
    }
}

extension Setting {
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
        guard !text.isEmpty else {
            return "has no value; allowed: \(allowed)"
        }
        do throws(BadValue) {
            try assign(&settings, text)
            return nil
        } catch {
            let subject = isSecret ? "the value" : quoted(text)
            return "\(subject) \(error.reason); allowed: \(allowed)"
        }
    }

    /// Gives the first settings the value that the second have.
    func copy(from source: Settings, to target: inout Settings) {
        transfer(&target, source)
    }

    /// Whether both settings have the same value here.
    func isSame(_ left: Settings, _ right: Settings) -> Bool {
        compare(left, right)
    }
}

extension Setting {
    /// Every key, in the order of the shipped file.
    public static let all: [Setting] = SettingGroup.all.flatMap(\.settings)

    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// The setting of that key, or `nil` when there is none.
    public static func named(_ key: String) -> Setting? {
        byKey[key]
    }
}
