import Foundation

/// A Swift file of the package.
struct SourceFile {
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        // The line feed at the end of the last line starts no line.
        let whole = text.hasSuffix("\n") ? text.dropLast() : Substring(text)
        lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The file's name without its ending.
    var name: String {
        path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? ""
    }

    /// The folder below `Sources` or `Tests`.
    var module: String {
        path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    }

    /// The modules that are imported, in order.
    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.endIndex,
                words[..<keyword].allSatisfy(Self.canStandBefore)
            else { return nil }
            let kinds: Set<Substring> = [
                "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
            ]
            var rest = words[(keyword + 1)...]
            if let first = rest.first, kinds.contains(first) { rest = rest.dropFirst() }
            return rest.first?.split(separator: ".").first.map(String.init)
        }
    }

    /// What a file declares at its top.
    struct Declaration: Equatable {
        /// `struct`, `enum`, `extension`, and so on.
        let keyword: String
        let name: String
        /// Whether other files see it.
        let isShared: Bool
    }

    /// The types and extensions at the top of the file, in order.
    var declarations: [Declaration] {
        let keywords: Set<Substring> = [
            "struct", "enum", "class", "actor", "protocol", "typealias", "extension",
        ]
        return lines.compactMap { line in
            guard let first = line.utf8.first, !" /})#".utf8.contains(first) else { return nil }
            let words = line.split { " :{<=".contains($0) }
            guard let index = words.firstIndex(where: keywords.contains), index + 1 < words.count,
                words[..<index].allSatisfy(Self.canStandBefore)
            else { return nil }
            return Declaration(
                keyword: String(words[index]),
                name: String(words[index + 1]),
                isShared: !words[..<index].contains { ["private", "fileprivate"].contains($0) }
            )
        }
    }

    private static func canStandBefore(_ word: Substring) -> Bool {
        let modifiers: Set<Substring> = [
            "public", "package", "internal", "fileprivate", "private", "final", "indirect",
        ]
        return word.hasPrefix("@") || modifiers.contains(word)
    }

    /// The folder of the package.
    static let root = URL(filePath: #filePath).appending(path: "../../../..").standardized

    /// All files below these folders of the package, by path.
    static func all(in folders: String...) throws -> [SourceFile] {
        try folders.flatMap { folder in
            let paths = try FileManager.default
                .subpathsOfDirectory(atPath: root.appending(path: folder).path)
            return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
                let url = root.appending(path: folder).appending(path: path)
                let text = try String(contentsOf: url, encoding: .utf8)
                return SourceFile(path: "\(folder)/\(path)", text: text)
            }
        }
    }
}
