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
        let unknown = try await inBackground {
            let files = try SourceFile.all(in: "Sources", "Tests")
            let types = files.flatMap(\.declarations).filter { $0.keyword != "extension" }
            let known = Set(types.map(\.name) + files.map(\.module))
            return try Self.pages.flatMap { page in
                try Self.code(of: page).filter { code in
                    let name = code.wholeMatch(of: /([A-Z]+[a-z]\w*)(\.\w+)?/)?.1
                    return !code.hasSuffix(".swift")
                        && !(name.map { known.contains(String($0)) } ?? true)
                }.map { "\(page).md names \($0)" }
            }
        }
        #expect(unknown == [])
    }

    @Test("Each file of the sources that a page names is one file")
    func files() async throws {
        let unknown = try await inBackground {
            let paths = try SourceFile.all(in: "Sources", "Tests").map { "/\($0.path)" }
            return try Self.pages.flatMap { page in
                try Self.code(of: page).filter { code in
                    let found = paths.filter { $0.hasSuffix("/\(code)") }
                    let sources = found.filter { $0.hasPrefix("/Sources/") }
                    return code.hasSuffix(".swift")
                        && (sources.isEmpty ? found : sources).count != 1
                }.map { "\(page).md names \($0)" }
            }
        }
        #expect(unknown == [])
    }
}
