import PresenceAdoption

/// What reading the configuration again has brought.
public struct Reload: Sendable {
    /// What the bridge runs with from now on: what can change at once has changed, and the rest
    /// is as it was when the bridge started.
    public let configuration: Configuration
    /// The keys that have changed.
    public let applied: [Change]
    /// The keys that would change, and can only when the bridge starts.
    public let waiting: [Change]

    /// A key whose value differs from the one before; a password shows nothing of itself.
    public struct Change: Hashable, Sendable, CustomStringConvertible {
        /// The key.
        public let key: String
        /// The value that the bridge ran with.
        public let old: String?
        /// The value that was read.
        public let new: String?
        /// Where the new value comes from.
        public let source: SettingSource

        /// `max_devices 64 -> 10 (bridge.conf:12)`, for the log.
        public var description: String {
            "\(key) \(old ?? "(none)") -> \(new ?? "(none)") (\(source))"
        }
    }
}

extension Configuration {
    /// Reads everything again from where it was read the first time, as SIGHUP asks for.
    ///
    /// When this throws, nothing has changed, and the bridge goes on with what it has.
    public func reload() throws(ConfigurationError) -> Reload {
        compare(with: try Configuration.load(origin))
    }

    func compare(with other: Configuration) -> Reload {
        var next = Configuration(
            settings: settings,
            sources: sources,
            adoptions: adoptions,
            exported: exported,
            warnings: other.warnings,
            origin: origin
        )
        var applied: [Reload.Change] = []
        var waiting: [Reload.Change] = []
        for setting in Setting.all {
            let isSame = setting.isSame(settings, other.settings)
            let change = Reload.Change(
                key: setting.key,
                old: setting.show(settings),
                new: setting.show(other.settings),
                source: other.source(of: setting)
            )
            switch setting.takesEffect {
            case .atOnce:
                setting.copy(other.settings, &next.settings)
                next.sources[setting.key] = other.sources[setting.key]
                applied += isSame ? [] : [change]
            case .atStart where isSame:
                next.sources[setting.key] = other.sources[setting.key]
            case .atStart:
                waiting.append(change)
            }
        }
        if settings.adoption != other.settings.adoption {
            let texts = [settings, other.settings].map { settings in
                settings.adoption.lines.map(\.text).joined(separator: "; ")
            }
            let change = Reload.Change(
                key: ConfigurationReader.adopt,
                old: texts[0].isEmpty ? nil : texts[0],
                new: texts[1].isEmpty ? nil : texts[1],
                source: other.adoptions.first ?? adoptions.first ?? .byDefault
            )
            waiting.append(change)
        }
        if settings.export != other.settings.export {
            waiting.append(
                Reload.Change(
                    key: ConfigurationReader.export,
                    old: settings.export?.text,
                    new: other.settings.export?.text,
                    source: other.exported ?? exported ?? .byDefault
                )
            )
        }
        // A file is named as before, and holds something else.
        let secrets = [settings, other.settings].map {
            ($0.webhooks.secretFile, $0.webhooks.secret)
        }
        let passwords = [settings, other.settings].map {
            ($0.store.passwordFile, $0.store.password)
        }
        for (key, noun, isOther) in [
            ("webhook_secret_file", "key", Self.isChanged(secrets)),
            ("store_password_file", "password", Self.isChanged(passwords)),
        ] where isOther {
            waiting.append(
                Reload.Change(
                    key: key,
                    old: "a \(noun)",
                    new: "another \(noun)",
                    source: other.sources[key] ?? .byDefault
                )
            )
        }
        return Reload(configuration: next, applied: applied, waiting: waiting)
    }

    /// Whether two files have one name, and what was read of them differs.
    private static func isChanged<Secret: Equatable>(
        _ read: [(file: String?, secret: Secret)]
    ) -> Bool {
        read[0].file == read[1].file && read[0].secret != read[1].secret
    }
}
