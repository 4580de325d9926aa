import Presence
import PresenceAdoption

/// Puts a configuration together, layer over layer: file, environment, flags.
struct ConfigurationReader {
    var settings = Settings()
    /// Where the values come from that were set.
    var sources: [String: SettingSource] = [:]
    private(set) var problems: [ConfigurationError.Problem] = []
    /// What is hardly meant.
    var warnings: [String] = []
    /// The `adopt` lines, and where each stands.
    var adoptions: [(line: AdoptionLine, source: SettingSource)] = []
    /// The `export` line, and where it stands.
    var export: (text: String, source: SettingSource)?
    /// The keys with a value that was refused: what depends on them is not judged.
    private var refused: Set<String> = []

    /// Takes the keys of the file that the flag names, else the environment, if either does.
    mutating func readFile(flag: String?, environment: [String: String]) {
        let variable = flag == nil ? fileVariable(environment) : nil
        guard let path = flag ?? variable?.path else { return }
        guard !path.isEmpty else {
            let source: SettingSource = flag == nil ? .environment : .flag
            let name = variable?.name ?? "--config"
            return refuse(source, name, "has no value; allowed: the path of a file")
        }
        read(ConfigurationFile(path: path))
    }

    mutating func read(_ file: ConfigurationFile) {
        var lines: [String: Int] = [:]
        var repeated: [String: String] = [:]
        problems += [file.problem].compactMap(\.self)
        for entry in file.entries {
            let source = SettingSource.file(file.path, line: entry.line)
            guard let key = entry.key else {
                refuse(source, nil, "the line is not UTF-8")
                continue
            }
            if key == Self.adopt {
                adopt(entry.value, from: source)
                continue
            }
            if key == Self.export {
                export(entry.value, from: source)
                continue
            }
            guard let setting = Setting.known(as: key) else {
                refuse(source, escaped(key), Self.unknown(key))
                continue
            }
            if key != setting.key { warnRenamed(source, key, setting) }
            if setting.isRepeatable {
                // With the lines before it, so that a bad one is named itself, and the others hold.
                let before = repeated[setting.key].map { "\($0) " } ?? ""
                let text = entry.value.isEmpty ? "" : before + entry.value
                if assign(text, to: setting, from: source) { repeated[setting.key] = text }
                continue
            }
            if let first = lines[setting.key] {
                let message = "is already set on line \(first); a key stands only once in a file"
                refuse(source, setting.key, message)
                continue
            }
            lines[setting.key] = entry.line
            assign(entry.value, to: setting, from: source)
        }
    }

    private static func unknown(_ key: String) -> String {
        let word = key.prefix { $0 != "=" && $0 != ":" }
        if word.count < key.count, Setting.named(String(word)) != nil {
            return "unknown key; write '\(word) VALUE', with a blank between the two"
        }
        let hint = hint(key, among: Setting.all.map(\.key) + [adopt, export]) { $0 }
        return "unknown key" + (hint ?? "; --help lists them all")
    }

    /// Takes the flags of a command line that set keys: `--max_devices 10`, `--max-devices 10`, or
    /// `--max_devices=10`; of several that set one key the last counts.
    ///
    /// The flags that set no key (`--config`, `--check`, `--help`, `--version`) are the command's own
    /// and were taken out before.
    mutating func read(arguments: [String]) {
        var rest = arguments[...]
        var unknown: [(flag: String?, message: String)] = []
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument.count > 2 else {
                let right = "is no flag; write --KEY VALUE, or --config FILE for a file"
                unknown.append((nil, "\(quoted(argument)) \(right)"))
                continue
            }
            let parts = argument.dropFirst(2)
                .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let word = String(parts[0])
            var value = parts.count > 1 ? String(parts[1]) : nil
            if value == nil, let next = rest.first, !next.hasPrefix("--") {
                value = rest.removeFirst()
            }
            let key = word.replacing("-", with: "_")
            if Self.lines.contains(key) {
                unknown.append((escaped("--\(word)"), Self.isLine(key)))
            } else if let setting = Setting.known(as: key) {
                if key != setting.key { warnRenamed(.flag, "--\(key)", setting) }
                assign(value ?? "", to: setting, from: .flag)
            } else {
                let flags = Setting.all.map(\.key) + ["config", "check", "help", "version"]
                let hint = Self.hint(word, among: flags) { "--\($0)" }
                let message = "unknown flag" + (hint ?? "; --help lists them all")
                unknown.append((escaped("--\(word)"), message))
            }
        }
        for (flag, message) in unknown { refuse(.flag, flag, message) }
    }

    mutating func warnRenamed(_ source: SettingSource, _ name: String, _ setting: Setting) {
        warnings.append(
            "\(source): \(name) is called \(setting.key) now, and the next release will refuse the old "
                + "name; the MQTT client id begins with it and ends at random"
        )
    }

    /// Takes a value; returns whether it can be.
    ///
    /// - Parameter spelling: What the key is called there, if not as usual.
    @discardableResult
    mutating func assign(
        _ text: String,
        to setting: Setting,
        from source: SettingSource,
        as spelling: String? = nil
    ) -> Bool {
        let key = spelling ?? source.spelling(of: setting)
        if let complaint = setting.apply(text, to: &settings) {
            refused.insert(setting.key)
            refuse(source, key, complaint)
            return false
        }
        sources[setting.key] = source
        if Self.isInQuotes(text) {
            let warning = "the quotation marks around the value are a part of it"
            warnings.append("\(source): \(key): \(warning)")
        }
        return true
    }

    /// Whether somebody has quoted a value as a shell wants it; in the file that is no spelling.
    private static func isInQuotes(_ text: String) -> Bool {
        let marks = text.utf8
        return marks.count > 1 && marks.first == marks.last
            && (marks.first == UInt8(ascii: "\"") || marks.first == UInt8(ascii: "'"))
    }

    // MARK: - Problems

    /// Whether none of these keys was refused.
    func isSound(_ keys: String...) -> Bool { refused.isDisjoint(with: keys) }

    /// Notes that the value of a key cannot be.
    mutating func refuse(_ key: String, _ message: String) {
        guard let setting = Setting.named(key) else { return }
        let source = sources[key] ?? .byDefault
        refused.insert(key)
        refuse(source, source.spelling(of: setting), message)
    }

    mutating func refuse(_ source: SettingSource, _ key: String?, _ message: String) {
        problems.append(.init(place: source.description, key: key, message: message))
    }

    /// What somebody may have meant, as the end of a message.
    static func hint(
        _ word: String,
        among candidates: [String],
        spelled: (String) -> String
    ) -> String? {
        Suggestion.nearest(to: word, among: candidates).map { "; did you mean '\(spelled($0))'?" }
    }
}
