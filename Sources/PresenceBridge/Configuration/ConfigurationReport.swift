extension Configuration {
    /// Every key with its value and where that comes from, one a line, as `--check` prints it.
    ///
    /// Three columns that are at least two blanks apart. Passwords are masked.
    public var report: String {
        let rows = Setting.all.map { setting in
            (
                key: setting.key,
                value: setting.show(settings) ?? "(none)",
                source: source(of: setting).description
            )
        }
        let keys = rows.map(\.key.count).max() ?? 0
        // One long path or list of users does not push every source to the far right.
        let values = min(rows.map(\.value.count).max() ?? 0, 32)
        return rows.map { row in
            row.key.padded(to: keys) + "  " + row.value.padded(to: values) + "  " + row.source
                + "\n"
        }.joined()
    }
}

extension String {
    /// The text with blanks behind it up to the width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
