import Presence

/// The name of a subcommand as it was typed, which may be misspelled.
enum CommandName {
    /// Looks at the first word of the arguments, or the one after `help`, before they are parsed.
    ///
    /// - Throws: `UsageError` with the command that may be meant, and all that there are.
    static func check(_ arguments: [String], among commands: [String]) throws(UsageError) {
        guard let first = arguments.first else { return }
        let word = first == "help" ? arguments.dropFirst().first : first
        guard let word, !word.hasPrefix("-"), !(commands + ["help"]).contains(word) else { return }
        let meant = Suggestion.nearest(to: word, among: commands + ["help"])
        let hint = meant.map { "; did you mean '\($0)'?" } ?? "."
        throw UsageError(
            "there is no command '\(word)'\(hint) There are "
                + commands.joined(separator: ", ") + "; presence help says more."
        )
    }

    /// Takes a guess out of a message that is farther from what was typed than a slip of the hand.
    static func withoutFarGuess(_ message: String) -> String {
        let parts = message.split(separator: "'", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].hasSuffix("Unknown option "),
            parts[2] == ". Did you mean ", parts[4].hasPrefix("?")
        else { return message }
        let (typed, guess) = (parts[1].drop { $0 == "-" }, parts[3].drop { $0 == "-" })
        guard Suggestion.nearest(to: String(typed), among: [String(guess)]) == nil else {
            return message
        }
        return "\(parts[0])'\(parts[1])'.\(parts[4].dropFirst())"
    }
}
