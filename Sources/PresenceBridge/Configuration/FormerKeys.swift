/// Keys that had another name in the release before this one, which still takes them, with a warning.
enum FormerKeys {
    private static let names = ["client_id": "bridge_id"]

    /// The setting that a former key stands for; `nil` for a key that there never was.
    ///
    /// - Parameter key: The key as a file spells it.
    static func setting(of key: String) -> Setting? { names[key].flatMap(Setting.named) }

    /// The former keys of a setting, as a file spells them.
    static func former(of setting: Setting) -> [String] {
        names.filter { $0.value == setting.key }.map(\.key).sorted()
    }

    /// What is said to whoever still uses one.
    static func warning(on key: String, now setting: Setting) -> String {
        "\(key) is called \(setting.key) now, and the next release will refuse the old name; the "
            + "MQTT client id begins with it and ends at random"
    }
}
