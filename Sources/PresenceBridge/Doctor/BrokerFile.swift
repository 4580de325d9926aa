import Foundation

/// What mosquitto's own configuration says, as far as no client can find it out.
///
/// Keys that stand more than once count as mosquitto takes them: the last one. `include_dir` is
/// followed, one deep.
struct BrokerFile {
    /// Why it cannot be read, in words; `nil` where it was.
    private(set) var fault: String?
    private var values: [String: String] = [:]

    init(path: String) {
        do throws(FileFailure) {
            try read(path, isIncluded: false)
        } catch {
            fault = "'\(path)' cannot be read: \(error.reason)"
        }
    }

    /// The value of a key; `nil` where the file does not have it.
    subscript(key: String) -> String? { values[key] }

    private mutating func read(_ path: String, isIncluded: Bool) throws(FileFailure) {
        let start = try FilePrefix(of: path, atMost: ConfigurationFile.longest)
        if start.isCut { fault = "'\(path)' is longer than \(ConfigurationFile.longest) bytes" }
        for line in String(decoding: start.bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        {
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
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            fault = "'\(folder)' cannot be read"
            return
        }
        for name in names.sorted() where name.hasSuffix(".conf") {
            let path = "\(folder)/\(name)"
            do throws(FileFailure) {
                try read(path, isIncluded: true)
            } catch {
                fault = "'\(path)' cannot be read: \(error.reason)"
            }
        }
    }
}
