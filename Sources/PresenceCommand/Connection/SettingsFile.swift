import Foundation

/// The file with the settings of a person: lines of a key, a blank and a value, as in the bridge's
/// own configuration.
///
/// A line that starts with `#` is a comment.
struct SettingsFile: Hashable {
    /// A value and the line where it stands, from 1.
    struct Entry: Hashable {
        let value: String
        let line: Int
    }

    let path: String
    private(set) var entries: [Setting: Entry] = [:]

    /// Takes the text of a file apart.
    ///
    /// - Throws: `UsageError` with file and line.
    init(path: String, text: String) throws(UsageError) {
        self.path = path
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() {
            try read(line.trimmingCharacters(in: .whitespaces), number: index + 1)
        }
    }

    /// Reads a file; `nil` when there is none.
    static func load(_ path: String) throws(UsageError) -> SettingsFile? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw UsageError("\(path): cannot be read: \(error.localizedDescription)")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw UsageError("\(path): is not UTF-8")
        }
        return try SettingsFile(path: path, text: text)
    }

    static func usualPath(_ environment: [String: String]) -> String {
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") {
            return "\(folder)/presence.conf"
        }
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
        return "\(home)/.config/presence.conf"
    }

    /// What it has that is secret, and that every user of the machine may read; `nil` where that is nothing.
    var shownSecret: String? {
        var status = stat()
        guard let secret = [Setting.password, .token].first(where: { entries[$0] != nil }),
            unsafe stat(path, &status) == 0, status.st_mode & S_IROTH != 0
        else { return nil }
        return secret.rawValue
    }

    private mutating func read(_ line: String, number: Int) throws(UsageError) {
        guard !line.isEmpty, !line.hasPrefix("#") else { return }
        let key = line.prefix { !$0.isWhitespace }
        let value = line.dropFirst(key.count).drop(while: \.isWhitespace)
        let place = "\(path):\(number): \(key)"
        guard let setting = Setting(rawValue: String(key)) else {
            let keys = Setting.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("\(place): unknown key; there are \(keys)")
        }
        guard !value.isEmpty else { throw UsageError("\(place): has no value") }
        if let first = entries[setting] {
            throw UsageError("\(place): stands in line \(first.line) already")
        }
        entries[setting] = Entry(value: String(value), line: number)
    }
}
