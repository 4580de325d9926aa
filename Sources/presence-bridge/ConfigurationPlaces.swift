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
