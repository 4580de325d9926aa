import Foundation

/// Which mosquitto the tests start: the one that `MOSQUITTO` names in the environment, with the
/// programs that lie beside it, and without that the one on the `PATH`.
public enum BrokerProgram {
    /// A release of mosquitto, as 2.1.2.
    public struct Version: Comparable, Sendable, CustomStringConvertible {
        let numbers: [Int]

        /// A release by its numbers.
        public init(_ numbers: Int...) { self.numbers = numbers }

        /// The release that a mosquitto tells in the first line of its help; `nil` if there is none.
        init?(_ help: String) {
            let words = help.split(whereSeparator: \.isWhitespace)
            guard let word = words.first(where: { $0.first?.isNumber == true }) else { return nil }
            numbers = word.split(separator: ".").compactMap { Int($0.prefix { $0.isNumber }) }
        }

        /// Whether the first is the older one.
        public static func < (left: Version, right: Version) -> Bool {
            left.numbers.lexicographicallyPrecedes(right.numbers)
        }

        /// As it is written: 2.1.2.
        public var description: String { numbers.map(String.init).joined(separator: ".") }
    }

    /// The path that was given; `nil` if none was.
    static let given: String? = ProcessInfo.processInfo.environment["MOSQUITTO"].flatMap {
        $0.isEmpty ? nil : URL(fileURLWithPath: $0).path
    }

    /// Where programs are looked for: beside a mosquitto that was given, in the folder `bin` of the
    /// place that it was installed to, and then where everybody looks.
    static let searchPath: String = {
        let usual = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/usr/bin"
        guard let given else { return usual }
        let folder = URL(fileURLWithPath: given).deletingLastPathComponent()
        let clients = folder.deletingLastPathComponent().appendingPathComponent("bin")
        return "\(folder.path):\(clients.path):\(usual)"
    }()

    /// Where a plugin lies that comes with mosquitto; `nil` if this one has come without it.
    public static func library(_ name: String) -> String? {
        let files = FileManager.default
        var folders = ["/usr/lib", "/usr/local/lib", "/usr/lib64"]
        let multiarch = (try? files.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        folders += multiarch.filter { $0.hasSuffix("-linux-gnu") }.map { "/usr/lib/\($0)" }
        if let given {
            let place = URL(fileURLWithPath: given).deletingLastPathComponent()
                .deletingLastPathComponent()
            folders = ["lib", "lib64"].map { place.appendingPathComponent($0).path }
        }
        return folders.map { "\($0)/\(name)" }.first { files.fileExists(atPath: $0) }
    }

    /// The release that the tests run with.
    public static let version: Version = {
        guard let path = try? Child.locate("mosquitto"),
            let child = try? Child(path, ["-h"]),
            (try? child.waitBlocking()) != nil
        else { return Version(0) }
        return Version(child.output) ?? Version(0)
    }()
}
