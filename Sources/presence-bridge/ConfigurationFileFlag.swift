import ArgumentParser

/// The flag that names the configuration file.
struct ConfigurationFileFlag: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The configuration file; without it PRESENCE_BRIDGE_CONFIG.",
            valueName: "FILE"
        ),
        completion: .file()
    )
    var config: String?
}
