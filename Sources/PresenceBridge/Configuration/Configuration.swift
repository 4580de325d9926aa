/// What the bridge runs with, and where each value comes from.
///
/// A flag stands over the environment, the environment over the file, the file over the default.
public struct Configuration: Sendable {
    /// The values.
    public internal(set) var settings: Settings
    /// Where the values of the keys come from that nobody left at the default.
    public internal(set) var sources: [String: SettingSource]
    /// What is allowed but hardly meant; one sentence each.
    public let warnings: [String]
    /// What all this was read from, to read it again.
    public let origin: Origin

    /// The places that a configuration is read from.
    public struct Origin: Hashable, Sendable {
        /// The arguments that set keys, as `--key value`.
        public var arguments: [String]
        /// The environment; only what begins with `PRESENCE_BRIDGE_` counts,
        /// and for one release what was called `PRESENCE_`.
        public var environment: [String: String]
        /// The path of the file; when `nil`, `PRESENCE_BRIDGE_CONFIG` may name one.
        public var file: String?

        /// Names the places.
        public init(
            arguments: [String] = [],
            environment: [String: String] = [:],
            file: String? = nil
        ) {
            self.arguments = arguments
            self.environment = environment
            self.file = file
        }
    }

    /// Reads a configuration, and reports every problem there is and not just the first.
    ///
    /// Reads the configuration file, and the files that it names.
    public static func load(_ origin: Origin) throws(ConfigurationError) -> Configuration {
        var assembly = Assembly()
        assembly.readPlaces(environment: origin.environment)
        assembly.readFile(flag: origin.file, environment: origin.environment)
        assembly.read(environment: origin.environment)
        assembly.read(FlagReader(origin.arguments))
        assembly.conclude()
        guard assembly.problems.isEmpty else {
            throw ConfigurationError(problems: assembly.problems)
        }
        return Configuration(
            settings: assembly.settings,
            sources: assembly.sources,
            warnings: assembly.warnings,
            origin: origin
        )
    }

    /// Where the value of a key comes from.
    public func source(of setting: Setting) -> SettingSource {
        sources[setting.key] ?? .byDefault
    }
}
