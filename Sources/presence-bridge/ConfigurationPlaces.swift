import ArgumentParser
import Foundation
import PresenceBridge

/// Where a command's configuration comes from: a file, the environment and flags.
struct ConfigurationPlaces: ParsableArguments {
    @OptionGroup
    var file: ConfigurationFileFlag

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("A key and its value.", valueName: "--KEY VALUE")
    )
    var keys: [String] = []

    /// Refuses the flags of the bridge itself where another command has its configuration.
    func checkFlags(of command: any ParsableCommand.Type) throws(ValidationError) {
        for (flag, purpose) in [
            ("--check", "looks at the configuration"), ("--version", "tells the version"),
        ] where keys.contains(flag) {
            let name = command.configuration.commandName ?? ""
            throw ValidationError("'\(name)' has no \(flag); 'presence-bridge \(flag)' \(purpose)")
        }
    }

    func load() throws(ConfigurationError) -> Configuration {
        try Configuration.load(
            Configuration.Origin(
                arguments: keys,
                environment: ProcessInfo.processInfo.environment,
                file: file.config
            )
        )
    }
}
