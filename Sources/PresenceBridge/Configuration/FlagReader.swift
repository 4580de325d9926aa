import Presence

/// The flags of a command line that set keys: `--max_devices 10`, `--max-devices 10`, or
/// `--max_devices=10`.
///
/// The flags that set no key (`--config`, `--check`, `--help`, `--version`) are the command's own
/// and were taken out before.
struct FlagReader {
    /// A key that was set and its value; a key may come several times, and then the last counts.
    struct Flag: Hashable {
        let key: String
        let value: String
    }

    /// The keys that were set, as they were spelled but for dashes, in the order given.
    private(set) var flags: [Flag] = []
    /// The arguments that set no key.
    private(set) var problems: [ConfigurationError.Problem] = []

    private static let ownFlags = ["config", "check", "help", "version"]

    /// Reads the arguments.
    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument.count > 2 else {
                refuse(argument)
                continue
            }
            let body = argument.dropFirst(2)
            let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let word = String(parts[0])
            var value = parts.count > 1 ? String(parts[1]) : nil
            if value == nil, let next = rest.first, !next.hasPrefix("--") {
                value = rest.removeFirst()
            }
            let key = word.replacing("-", with: "_")
            if Setting.named(key) != nil || FormerKeys.setting(of: key) != nil {
                flags.append(Flag(key: key, value: value ?? ""))
            } else {
                let candidates = Setting.all.map(\.key) + Self.ownFlags
                let hint = Spelling.nearest(to: word, among: candidates)
                    .map { "; did you mean '--\($0)'?" }
                let message = "unknown flag" + (hint ?? "; --help lists them all")
                problems.append(.init(place: "flag", key: escaped("--\(word)"), message: message))
            }
        }
    }

    private mutating func refuse(_ argument: String) {
        let message =
            "\(quoted(argument)) is no flag; write --KEY VALUE, or --config FILE for a file"
        problems.append(.init(place: "flag", key: nil, message: message))
    }
}
