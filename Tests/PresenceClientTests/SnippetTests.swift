import Foundation
import Testing

@Suite("The code in the documentation")
struct SnippetTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let documents = [
        "Sources/PresenceClient/PresenceClient.docc/FirstSteps.md", "README.md",
    ]

    /// The lines without indentation and blank lines, which differ between a page and a function.
    private static func words(_ text: some StringProtocol) -> String {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func read(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test("Every Swift snippet is code that is compiled", arguments: documents)
    func compiled(document: String) throws {
        let code = Self.words(try Self.read("Tests/PresenceClientTests/Snippets.swift"))
        let blocks = try Self.read(document).components(separatedBy: "```swift\n").dropFirst()
        #expect(!blocks.isEmpty)
        for block in blocks {
            let snippet = Self.words(block.components(separatedBy: "```")[0])
            // A block begins with its imports, which a function cannot have in it.
            let lines = snippet.split(separator: "\n")
            for line in lines.prefix(while: { $0.hasPrefix("import ") }) {
                #expect(code.contains("\(line)\n"), "not in Snippets.swift:\n\(line)")
            }
            let body = lines.drop { $0.hasPrefix("import ") }.joined(separator: "\n")
            #expect(code.contains(body), "not in Snippets.swift:\n\(body)")
        }
        #expect(blocks.contains { $0.hasPrefix("import PresenceClient\n") }, "no import")
    }

    @Test("The first example of the client's documentation is code that is compiled")
    func example() throws {
        let source = try Self.read("Sources/PresenceClient/PresenceClient.swift")
        let lines = source.split(separator: "\n").filter { $0.hasPrefix("///     ") }
        let example = Self.words(lines.map { $0.dropFirst(8) }.joined(separator: "\n"))
        #expect(!example.isEmpty)
        #expect(
            Self.words(try Self.read("Tests/PresenceClientTests/Snippets.swift")).contains(example)
        )
    }
}
