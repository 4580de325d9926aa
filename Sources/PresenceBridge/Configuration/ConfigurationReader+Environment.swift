extension ConfigurationReader {
    mutating func fileVariable(_ environment: [String: String]) -> (name: String, path: String)? {
        for name in [EnvironmentName.file, EnvironmentName.formerFile] {
            guard let path = environment[name] else { continue }
            if name == EnvironmentName.formerFile {
                warnRenamed(name, now: EnvironmentName.file)
            }
            return (name, path)
        }
        return nil
    }

    /// Takes those of the command's variables that say where a broker is: what the file says stands
    /// over them.
    mutating func readPlaces(environment: [String: String]) {
        for setting in Setting.all where environment[setting.environmentName] == nil {
            for name in EnvironmentName.former(of: setting)
            where EnvironmentName.places.contains(name) {
                guard let value = environment[name], !value.isEmpty else { continue }
                warnRenamed(name, now: setting.environmentName)
                assign(value, to: setting, from: .environment, as: name)
            }
        }
    }

    mutating func read(environment: [String: String]) {
        var known = EnvironmentName.others.union([EnvironmentName.file, EnvironmentName.formerFile])
        for setting in Setting.all {
            let name = setting.environmentName
            known.insert(name)
            for former in EnvironmentName.former(of: setting) {
                known.insert(former)
                if environment[name] == nil, let value = environment[former] {
                    readFormer(former, value, setting)
                }
            }
            if let value = environment[name] { assign(value, to: setting, from: .environment) }
        }
        for name in environment.keys.sorted() where !known.contains(name) {
            let key = name.dropping(EnvironmentName.prefix)?.lowercased() ?? ""
            if Self.lines.contains(key) {
                refuse(.environment, escaped(name), Self.isLine(key))
            } else if let word = name.dropping(EnvironmentName.prefix) {
                let hint = Self.hint(variable: word) ?? "; --help lists all keys"
                refuse(.environment, escaped(name), "unknown variable" + hint)
            } else if let word = name.dropping(EnvironmentName.formerPrefix) {
                let hint = Self.hint(variable: word) ?? ""
                warnings.append(
                    "environment: \(escaped(name)) is nothing to the bridge, whose variables begin "
                        + "with \(EnvironmentName.prefix)\(hint)"
                )
            }
        }
    }

    /// Takes a variable of the release before, except for what ``readPlaces(environment:)`` has taken
    /// and for a login, which may be anybody's.
    private mutating func readFormer(_ name: String, _ value: String, _ setting: Setting) {
        guard !EnvironmentName.places.contains(name) else { return }
        guard !EnvironmentName.logins.contains(name) else {
            warnings.append(
                "environment: \(name) is the command presence's own, and nothing to the bridge; "
                    + "\(setting.environmentName) is the bridge's"
            )
            return
        }
        if let former = setting.formerKey, name.hasSuffix(former.uppercased()) {
            warnRenamed(.environment, name, setting)
        } else {
            warnRenamed(name, now: setting.environmentName)
        }
        assign(value, to: setting, from: .environment, as: name)
    }

    private mutating func warnRenamed(_ name: String, now: String) {
        warnings.append(
            "environment: \(name) is called \(now) now, and the next release will not take the old "
                + "name"
        )
    }

    /// What all names begin with is left aside: it alone would make every name a near one.
    private static func hint(variable word: String) -> String? {
        let names = Setting.all.map(\.key) + ["config"]
        return hint(word, among: names, spelled: EnvironmentName.of)
    }
}

extension String {
    /// What follows a prefix; `nil` where it does not stand in front.
    fileprivate func dropping(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
