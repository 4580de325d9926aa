import BrokerFixture
import Foundation
import Testing

/// What the documents say of the sources exists.
@Suite("The documents about the sources")
struct DocumentTests {
    private static let pages = ["architecture", "broker-plugin", "glossary", "reliability"]

    /// What a page has between two backticks.
    private static func code(of page: String) throws -> [String] {
        let url = SourceFile.root.appending(path: "docs/\(page).md")
        let text = try String(contentsOf: url, encoding: .utf8)
        return text.matches(of: /`([^`\n]+)`/).map { String($0.1) }
    }

    @Test("Each type and module that a page names exists")
    func types() async throws {
        try await inBackground {
            let files = try SourceFile.all(in: "Sources", "Tests")
            let types = files.flatMap(\.declarations).filter { $0.keyword != "extension" }
            let known = Set(types.map(\.name) + files.map(\.module))
            for page in Self.pages {
                for code in try Self.code(of: page) {
                    guard let name = code.wholeMatch(of: /([A-Z]+[a-z]\w*)(\.\w+)?/)?.1 else {
                        continue
                    }
                    #expect(known.contains(String(name)), "\(page).md names \(code)")
                }
            }
        }
    }

    @Test("Each file of the sources that a page names is one file")
    func files() async throws {
        try await inBackground {
            let paths = try SourceFile.all(in: "Sources", "Tests").map { "/\($0.path)" }
            for page in Self.pages {
                for code in try Self.code(of: page) where code.hasSuffix(".swift") {
                    let found = paths.filter { $0.hasSuffix("/\(code)") }
                    let sources = found.filter { $0.hasPrefix("/Sources/") }
                    let isOne = (sources.isEmpty ? found : sources).count == 1
                    #expect(isOne, "\(page).md names \(code), which is \(found)")
                }
            }
        }
    }
}
