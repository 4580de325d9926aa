/// The values that were given, each with the place where it stands.
struct GivenSettings {
    /// A value and where it stands: `--port`, `PRESENCE_PORT`, `/home/me/.config/presence.conf:3`.
    struct Given: Hashable {
        let value: String
        let place: String

        /// What is wrong with the value, and where it stands.
        func error(_ fault: String) -> UsageError { UsageError("\(place): '\(value)' \(fault)") }
    }

    private var given: [Setting: Given] = [:]

    /// A flag stands over the environment, the environment over the file.
    init(flags: [Setting: String], environment: [String: String], file: SettingsFile?) {
        for setting in Setting.allCases {
            if let value = flags[setting] {
                given[setting] = Given(value: value, place: "--\(setting.rawValue)")
            } else if let value = environment[setting.variable], !value.isEmpty {
                given[setting] = Given(value: value, place: setting.variable)
            } else if let file, let entry = file.entries[setting] {
                let place = "\(file.path):\(entry.line): \(setting.rawValue)"
                given[setting] = Given(value: entry.value, place: place)
            }
        }
    }

    subscript(setting: Setting) -> Given? { given[setting] }

    /// Whether a flag names the broker, and none a URL: it stands over a URL from anywhere else.
    var prefersHost: Bool {
        given[.host]?.place == "--host" && given[.url]?.place != "--url"
    }
}
