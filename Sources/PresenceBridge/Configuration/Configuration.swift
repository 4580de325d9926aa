import PresenceAdoption
import PresenceHTTP
import PresenceStore

/// What the bridge runs with, and where each value comes from.
///
/// A flag stands over the environment, the environment over the file, the file over the default.
public struct Configuration: Sendable {
    /// The values.
    public package(set) var settings: Settings
    /// Where the values of the keys come from that nobody left at the default.
    public internal(set) var sources: [String: SettingSource]
    /// Where each `adopt` line stands.
    let adoptions: [SettingSource]
    /// Where the `export` line stands, if there is one.
    let exported: SettingSource?
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

        /// The path of the file that is read, if any.
        var path: String? {
            let variables = [EnvironmentName.file, EnvironmentName.formerFile]
            return file ?? variables.lazy.compactMap { environment[$0] }.first
        }
    }

    /// Reads a configuration, and reports every problem there is and not just the first.
    ///
    /// Reads the configuration file, and the files that it names.
    public static func load(_ origin: Origin) throws(ConfigurationError) -> Configuration {
        var reader = ConfigurationReader()
        reader.readPlaces(environment: origin.environment)
        reader.readFile(flag: origin.file, environment: origin.environment)
        reader.read(environment: origin.environment)
        reader.read(arguments: origin.arguments)
        reader.check()
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
        return Configuration(
            settings: reader.settings,
            sources: reader.sources,
            adoptions: reader.adoptions.map(\.source),
            exported: reader.export?.source,
            warnings: reader.warnings,
            origin: origin
        )
    }

    /// What runs with what, in a line of the log.
    var announcement: String {
        let file = origin.path.map { "configuration \($0)" } ?? "no configuration file"
        return "presence-bridge \(Version.current), \(file), store \(settings.store.location.shown)"
    }

    /// Where the value of a key comes from.
    public func source(of setting: Setting) -> SettingSource { sources[setting.key] ?? .byDefault }

    /// Every key with its value and where that comes from, one a line, as `--check` prints it.
    ///
    /// Three columns that are at least two blanks apart. Passwords are masked.
    public var report: String {
        let rows =
            Setting.all.map { setting in
                let value = setting.show(settings) ?? "(none)"
                return (key: setting.key, value: value, source: source(of: setting).description)
            }
            + zip(settings.adoption.lines, adoptions).map { line, source in
                (key: ConfigurationReader.adopt, value: line.text, source: source.description)
            }
            + [settings.export].compactMap(\.self).map { plan in
                let source = exported ?? .byDefault
                return (
                    key: ConfigurationReader.export, value: plan.text, source: source.description
                )
            }
        let keys = rows.map(\.key.count).max() ?? 0
        // One long path or list of users does not push every source to the far right.
        let values = min(rows.map(\.value.count).max() ?? 0, 32)
        return rows.map { row in
            "\(row.key.padded(to: keys))  \(row.value.padded(to: values))  \(row.source)\n"
        }.joined()
    }

    /// Looks at what the bridge would find when it starts, beyond what ``load(_:)`` has read: the
    /// place of the store, and the file of tokens.
    ///
    /// - Returns: What may be otherwise at the start, one sentence each.
    /// - Throws: What would end the bridge as soon as it starts.
    public func inspect() throws(ConfigurationError) -> [String] {
        try inspectTokens()
        guard case .file(let path) = settings.store.location else { return [] }
        do throws(StoreError) {
            try SQLiteStore.inspect(path: path)
            return []
        } catch {
            guard let setting = Setting.named("store"), let source = sources[setting.key] else {
                // It follows the folder that the bridge is started in, which may be another one.
                return ["store (default): \(error)"]
            }
            let key = source.spelling(of: setting)
            throw ConfigurationError(problems: [
                .init(place: source.description, key: key, message: "\(error)")
            ])
        }
    }

    private func inspectTokens() throws(ConfigurationError) {
        guard settings.http.listen != nil, let path = settings.http.tokenFile else { return }
        do throws(TokenFile.Failure) {
            _ = try TokenFile.read(path)
        } catch {
            throw ConfigurationError(problems: [
                .init(
                    place: (sources["http_tokens"] ?? .byDefault).description,
                    key: "http_tokens",
                    message: "\(error)"
                )
            ])
        }
    }
}
