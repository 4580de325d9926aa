import Foundation

/// What mosquitto's own configuration says, as far as no client can find it out.
///
/// Keys that stand more than once count as mosquitto takes them: the last one. `include_dir` is
/// followed, one deep.
struct BrokerFile {
    /// Why it cannot be read, in words; `nil` where it was.
    let fault: String?
    private var values: [String: String] = [:]

    init(path: String) {
        do throws(FileFailure) {
            let text = try FilePrefix(of: path, atMost: ConfigurationFile.longest).bytes
            fault = nil
            read(text, isIncluded: false)
        } catch {
            fault = "'\(path)' cannot be read: \(error.reason)"
        }
    }

    init(text: String) {
        fault = nil
        read(Array(text.utf8), isIncluded: true)
    }

    /// The value of a key; `nil` where the file does not have it.
    subscript(key: String) -> String? { values[key] }

    private mutating func read(_ bytes: [UInt8], isIncluded: Bool) {
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(
                maxSplits: 1,
                omittingEmptySubsequences: true,
                whereSeparator: \.isWhitespace
            )
            guard let key = words.first, !key.hasPrefix("#"), words.count == 2 else { continue }
            let value = words[1].trimmingCharacters(in: .whitespaces)
            if key == "include_dir", !isIncluded {
                include(value)
            } else {
                values[String(key)] = value
            }
        }
    }

    private mutating func include(_ folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".conf") {
            guard
                let start = try? FilePrefix(
                    of: "\(folder)/\(name)",
                    atMost: ConfigurationFile.longest
                )
            else { continue }
            read(start.bytes, isIncluded: true)
        }
    }
}
