import Presence

/// A configuration while it is being put together, layer over layer.
struct Assembly {
    /// The values so far.
    var settings = Settings()
    /// Where those come from that were set.
    var sources: [String: SettingSource] = [:]
    /// What is wrong so far.
    private(set) var problems: [ConfigurationError.Problem] = []
    /// What is hardly meant.
    var warnings: [String] = []
    /// The keys with a value that was refused: what depends on them is not judged.
    private(set) var refused: Set<String> = []

    /// Takes the keys of the file that the flag names, else the environment, if either does.
    mutating func readFile(flag: String?, environment: [String: String]) {
        let variable = flag == nil ? fileVariable(environment) : nil
        guard let path = flag ?? variable?.path else {
            return
        }
        guard !path.isEmpty else {
            let source: SettingSource = flag == nil ? .environment : .flag
            refuse(
                source,
                variable?.name ?? "--config",
                "has no value; allowed: the path of a file"
            )
            return
        }
        read(ConfigurationFile(path: path))
    }

    /// Takes the keys of a file.
    mutating func read(_ file: ConfigurationFile) {
        var lines: [String: Int] = [:]
        problems += [file.problem].compactMap(\.self)
        for entry in file.entries {
            let source = SettingSource.file(file.path, line: entry.line)
            guard let key = entry.key else {
                refuse(source, nil, "the line is not UTF-8")
                continue
            }
            guard let setting = Setting.named(key) ?? FormerKeys.setting(of: key) else {
                refuse(source, escaped(key), Self.unknown(key))
                continue
            }
            if key != setting.key { warn(source, of: key, setting) }
            if let first = lines[setting.key] {
                let message = "is already set on line \(first); a key stands only once in a file"
                refuse(source, setting.key, message)
                continue
            }
            lines[setting.key] = entry.line
            assign(entry.value, to: setting, from: source)
        }
    }

    /// Takes the flags of the command line.
    mutating func read(_ reader: FlagReader) {
        for flag in reader.flags {
            guard let setting = Setting.named(flag.key) ?? FormerKeys.setting(of: flag.key) else {
                continue
            }
            if flag.key != setting.key { warn(.flag, of: "--\(flag.key)", setting) }
            assign(flag.value, to: setting, from: .flag)
        }
        problems += reader.problems
    }

    /// Notes that the value of a key cannot be.
    mutating func refuse(_ setting: Setting, _ message: String) {
        let source = sources[setting.key] ?? .byDefault
        refused.insert(setting.key)
        refuse(source, source.spelling(of: setting), message)
    }

    /// Takes a value.
    ///
    /// - Parameter spelling: What the key is called there, if not as usual.
    mutating func assign(
        _ text: String,
        to setting: Setting,
        from source: SettingSource,
        as spelling: String? = nil
    ) {
        let key = spelling ?? source.spelling(of: setting)
        if let complaint = setting.apply(text, to: &settings) {
            refused.insert(setting.key)
            refuse(source, key, complaint)
        } else {
            sources[setting.key] = source
            if isInQuotes(text) {
                warnings.append(
                    "\(source): \(key): the quotation marks around the value are a part of it"
                )
            }
        }
    }

    /// Whether somebody has quoted a value as a shell wants it; in the file that is no spelling.
    private func isInQuotes(_ text: String) -> Bool {
        let marks = text.utf8
        return marks.count > 1 && marks.first == marks.last
            && (marks.first == UInt8(ascii: "\"") || marks.first == UInt8(ascii: "'"))
    }

    /// Notes that a key was given by its former name.
    mutating func warn(_ source: SettingSource, of name: String, _ setting: Setting) {
        warnings.append("\(source): \(FormerKeys.warning(on: name, now: setting))")
    }

    /// Notes that something cannot be.
    mutating func refuse(_ source: SettingSource, _ key: String?, _ message: String) {
        problems.append(.init(place: source.description, key: key, message: message))
    }

    private static func unknown(_ key: String) -> String {
        let word = key.prefix { $0 != "=" && $0 != ":" }
        if word.count < key.count, Setting.named(String(word)) != nil {
            return "unknown key; write '\(word) VALUE', with a blank between the two"
        }
        let keys = Setting.all.map(\.key)
        let hint = Spelling.nearest(to: key, among: keys).map { "; did you mean '\($0)'?" }
        return "unknown key" + (hint ?? "; --help lists them all")
    }
}
