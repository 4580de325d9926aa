/// What the variables of the environment are called.
///
/// Those of the bridge begin with `PRESENCE_BRIDGE_`. Up to the release before, they began with
/// `PRESENCE_`, as those of the command `presence` do (docs/command-line.md): a bridge that was
/// started where somebody had exported a login logged in as that user.
enum EnvironmentName {
    /// What those of the bridge begin with.
    static let prefix = "PRESENCE_BRIDGE_"
    /// What those of the command begin with, and once those of the bridge.
    static let formerPrefix = "PRESENCE_"
    /// The variable that names the file and sets no key.
    static let file = prefix + "CONFIG"
    static let formerFile = formerPrefix + "CONFIG"

    /// Those of the command that the bridge does not take any more: they say who somebody is.
    static let logins: Set<String> = ["PRESENCE_USERNAME", "PRESENCE_PASSWORD"]
    /// Those of the command that the bridge takes for one more release where neither its file nor
    /// anything else sets the key: they say where a broker is.
    static let places: Set<String> = ["PRESENCE_HOST", "PRESENCE_PORT", "PRESENCE_CAFILE"]
    /// Those of the command that never were the bridge's.
    static let others: Set<String> = [
        "PRESENCE_ID", "PRESENCE_PREFIX", "PRESENCE_TIMEOUT", "PRESENCE_TOKEN", "PRESENCE_URL",
    ]

    /// The variable of a key: `PRESENCE_BRIDGE_MAX_DEVICES`, and `PRESENCE_BRIDGE_ID` for
    /// `bridge_id`.
    static func of(_ key: String) -> String {
        (key.hasPrefix("bridge_") ? formerPrefix : prefix) + key.uppercased()
    }

    /// The former variables of a setting, the newest last.
    static func former(of setting: Setting) -> [String] {
        let keys = [setting.formerKey].compactMap(\.self)
        let names =
            keys.map { formerPrefix + $0.uppercased() } + keys.map(of)
            + [formerPrefix + setting.key.uppercased()]
        return names.filter { $0 != of(setting.key) }
    }
}
