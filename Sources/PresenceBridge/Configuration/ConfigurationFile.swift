/// A configuration file in mosquitto's style, taken apart into lines but not yet understood.
///
/// A line is a key, blanks, and the value up to the end of the line; blanks around it do not
/// count. A line whose first character is `#` is a comment.
struct ConfigurationFile: Hashable {
    static let longest = 1_048_576

    /// A key and its value, and the number of their line, from 1; a line that is not UTF-8 has no
    /// key.
    struct Entry: Hashable {
        let line: Int
        let key: String?
        let value: String
    }

    let path: String
    /// The lines that are neither empty nor comments.
    private(set) var entries: [Entry] = []
    private(set) var problem: ConfigurationError.Problem?

    init(path: String, bytes: [UInt8]) {
        self.path = path
        split(bytes)
    }

    init(path: String) {
        self.path = path
        do throws(FileFailure) {
            let start = try FilePrefix(of: path, atMost: Self.longest)
            if start.isCut {
                refuse("is longer than \(Self.longest) bytes, which is no configuration file")
            } else {
                split(start.bytes)
            }
        } catch {
            refuse("cannot be read: \(error.reason)")
        }
    }

    private mutating func split(_ bytes: [UInt8]) {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() { read(line, number: index + 1) }
    }

    private mutating func refuse(_ message: String) {
        problem = .init(place: path, key: nil, message: message)
    }

    private mutating func read(_ line: ArraySlice<UInt8>, number: Int) {
        let content = line.trimmingBlanks()
        guard let first = content.first, first != UInt8(ascii: "#") else { return }
        guard let text = String(validating: content, as: UTF8.self) else {
            entries.append(Entry(line: number, key: nil, value: ""))
            return
        }
        let key = text.utf8.prefix { !$0.isBlank }
        let value = text.utf8[key.endIndex...].drop(while: \.isBlank)
        entries.append(Entry(line: number, key: String(key) ?? "", value: String(value) ?? ""))
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}

extension ArraySlice<UInt8> {
    /// The bytes without the blanks at both ends, and without the carriage return of a line that
    /// was written elsewhere.
    fileprivate func trimmingBlanks() -> ArraySlice<UInt8> {
        let start = firstIndex { !$0.isBlank } ?? endIndex
        let last = lastIndex { !$0.isBlank && $0 != UInt8(ascii: "\r") }
        return self[start..<Swift.max(start, last.map { $0 + 1 } ?? start)]
    }
}
