import Chance
import Testing

@testable import PresenceBridge

@Suite("Mutated configurations")
struct ConfigurationFuzzTests {
    /// The keys whose files are opened are left out: a mutated path could be anything.
    private static let lines =
        Setting.all.compactMap { setting in
            setting.defaultText.map { "\(setting.key) \($0)" }
        } + ["# comment", "", "allow_online alice, bob", "password s3cret", "username anna maria"]

    private static let pieces: [[UInt8]] = [
        [0], [0xFF], [0xC3, 0xA9], Array("\n".utf8), Array("\r\n".utf8), Array("#".utf8),
        Array("-".utf8), Array("99999999999999999999".utf8), Array("ms".utf8), Array(" ".utf8),
        Array("\t".utf8), Array("=".utf8), Array("$".utf8), Array("/".utf8), Array(",".utf8),
        Array("true".utf8), Array("\u{1F600}".utf8), Array("e\u{301}".utf8), [0xEF, 0xBB, 0xBF],
    ]

    private func isOneLine(_ problem: ConfigurationError.Problem) -> Bool {
        !problem.description.unicodeScalars.contains(where: \.isControl)
    }

    private func mutated(_ random: inout SeededNumbers) -> [UInt8] {
        let lines = (0..<Int.random(in: 1...4, using: &random)).compactMap { _ in
            Self.lines.randomElement(using: &random)
        }
        var bytes = Array(lines.joined(separator: "\n").utf8)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let index = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where index < bytes.count:
                bytes.remove(at: index)
            case 1 where index < bytes.count:
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 2:
                bytes.removeSubrange(index..<min(index + 8, bytes.count))
            default:
                bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: index)
            }
        }
        return bytes
    }

    @Test("A mutated file is read or refused, and what was read is written as it was read")
    func files() {
        var accepted = 0
        var refused = 0
        for seed in UInt64(1)...3_000 {
            var random = SeededNumbers(seed: seed)
            var reader = ConfigurationReader()
            reader.read(ConfigurationFile(path: "f", bytes: mutated(&random)))
            reader.check()
            for problem in reader.problems where !isOneLine(problem) {
                Issue.record("seed \(seed): \(problem)")
            }
            accepted += reader.problems.isEmpty ? 1 : 0
            refused += reader.problems.isEmpty ? 0 : 1
            guard reader.problems.isEmpty else {
                continue
            }
            var again = Settings()
            for setting in Setting.all where !setting.isSecret && setting.key != "port" {
                guard let text = setting.show(reader.settings) else {
                    continue
                }
                if setting.apply(text, to: &again) != nil
                    || !setting.isSame(again, reader.settings)
                {
                    Issue.record("seed \(seed): \(setting.key) \(text)")
                }
            }
        }
        // Both ends were reached often, else the mutation is too mild or too wild.
        #expect(accepted > 300)
        #expect(refused > 500)
    }

    @Test("Mutated arguments and variables are read or refused")
    func arguments() {
        var refused = 0
        for seed in UInt64(1)...1_000 {
            var random = SeededNumbers(seed: seed)
            let text = String(decoding: mutated(&random), as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
            var reader = ConfigurationReader()
            reader.read(environment: ["PRESENCE_BRIDGE_\(words.first?.uppercased() ?? "")": text])
            let arguments = words.enumerated().map { $0.0.isMultiple(of: 2) ? "--\($0.1)" : $0.1 }
            reader.read(arguments: arguments)
            reader.check()
            refused += reader.problems.isEmpty ? 0 : 1
            for problem in reader.problems where !isOneLine(problem) {
                Issue.record("seed \(seed): \(problem)")
            }
        }
        #expect(refused > 100)
    }
}
