import Foundation
import Fuzzing
import Testing

@Suite("Inputs that broke a rule once")
struct CaseTests {
    /// The files, each named after its target and what it is about.
    static let files: [URL] = {
        let folder = Bundle.module.resourceURL?.appending(path: "Cases")
        let files = folder.flatMap {
            try? FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
        }
        return (files ?? []).filter { $0.pathExtension == "case" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }()

    @Test("None of them breaks one any more", arguments: files)
    func replays(_ file: URL) throws {
        let name = file.lastPathComponent.prefix { $0 != "-" }
        let target = try #require(Targets.all.first { $0.name == name })
        let input = Case(reading: try String(contentsOf: file, encoding: .utf8))
        CrashReport.note(file.lastPathComponent)
        #expect(!input.lines.isEmpty)
        #expect(target.judge(input) == [])
    }

    @Test("They are found")
    func areThere() {
        #expect(Self.files.count >= 8)
    }

    @Test("A case is read as it was written", arguments: Targets.all.map(\.name))
    func readsBack(_ name: String) throws {
        let target = try #require(Targets.all.first { $0.name == name })
        for seed in 0..<50 as Range<UInt64> {
            let input = target.input(seed: seed)
            #expect(Case(reading: input.text) == input, "seed \(seed)")
            #expect(target.input(seed: seed) == input, "seed \(seed) is drawn differently")
        }
    }
}
