extension Setting {
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
