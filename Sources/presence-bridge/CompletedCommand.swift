import ArgumentParser

/// What a shell completes: the command with `learn`, `doctor`, `token`, `why`, `cluster` and every key spelled out.
///
/// Completion scripts are made from it, and nothing is ever parsed by it: the command itself leaves keys to
/// the configuration, which knows what was meant by a misspelled one.
struct CompletedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: PresenceBridgeCommand.configuration.commandName,
        abstract: PresenceBridgeCommand.configuration.abstract,
        version: PresenceBridgeCommand.configuration.version,
        subcommands: [
            LearnCommand.self, DoctorCommand.self, TokenCommand.self, WhyCommand.self,
            ClusterCommand.self,
        ]
    )

    @OptionGroup
    var file: ConfigurationFileFlag

    @Flag(help: PresenceBridgeCommand.checkHelp)
    var check = false

    @OptionGroup
    var keys: KeyFlags

    /// The shell whose script a command line asks for; `nil` when it asks for none, or for one that nobody
    /// knows, which the command itself refuses.
    static func shell(askedForBy words: [String]) -> CompletionShell? {
        let flag = "--generate-completion-script"
        if let word = words.first(where: { $0.hasPrefix("\(flag)=") }) {
            return CompletionShell(rawValue: String(word.dropFirst(flag.count + 1)))
        }
        guard let place = words.firstIndex(of: flag) else { return nil }
        guard let shell = words.dropFirst(place + 1).first else { return .autodetected() }
        return CompletionShell(rawValue: shell)
    }
}
