@testable import PresenceBridge

/// What the registry says of itself in the files that are shipped.
///
/// That is the whole `bridge.conf`, and the table of keys in `docs/configuration.md`. The files
/// must be these texts; with `UPDATE_SHIPPED_TEXT=1` in the environment the tests write them.
enum ShippedText {
    /// The shipped `bridge.conf`.
    static var file: String {
        header + SettingGroup.all.map(section).joined(separator: "\n") + adoption
    }

    private static let adoption = """

        # \(String(repeating: "=", count: 76))
        # Adoption
        # \(String(repeating: "=", count: 76))

        # Things that publish their availability in their own way, as users: a line for each
        # kind, as many as there are. docs/adoption.md has the kinds and the keys. (restart)
        #     adopt tasmota
        #     adopt zigbee2mqtt base=home/zigbee
        #     adopt topic=plant/{name}/alive on=1 off=0 user=plant-{name}
        #     adopt discovery
        # 'presence-bridge learn' prints the lines that fit what is published on the broker.

        # Users as devices of Home Assistant, everyone or some; one line at most. (restart)
        #     export home-assistant
        #     export home-assistant prefix=homeassistant users=alice,bob

        """

    private static let header = """
        # Configuration of presence-bridge, with every key there is.
        #
        # A line is a key, a blank, and the value: everything up to the end of the line, without
        # the blanks around it. A line that starts with '#' is a comment. A key stands at most
        # once. In the shipped file the keys are commented out and show their defaults; a key that
        # shows none is not set. The username alone is set, to the one that the rights of
        # examples/acl are for.
        #
        # Durations: 100ms, 3s, 5m, 12h, 30d; a bare number is seconds.
        # Relative paths start at the working directory of the process.
        #
        # Each key can also be given as a flag, '--max_devices 10', which stands over the
        # environment, 'PRESENCE_BRIDGE_MAX_DEVICES=10', which stands over this file.
        # 'presence-bridge --config bridge.conf --check' prints what holds, and from where.
        #
        # SIGHUP has the bridge read this file again. Keys marked (SIGHUP) then change at once;
        # those marked (restart) change when the bridge is started anew, and the log says so.


        """

    private static func section(_ group: SettingGroup) -> String {
        let bar = "# " + String(repeating: "=", count: 76) + "\n"
        let note = group.note.map { comment($0) + "\n" } ?? ""
        return bar + "# \(group.title)\n" + bar + "\n" + note
            + group.settings.map(entry).joined(separator: "\n")
    }

    private static func entry(_ setting: Setting) -> String {
        let value = setting.shipped ?? setting.defaultText
        let line =
            (setting.shipped == nil ? "#" : "")
            + ([setting.key] + [value].compactMap(\.self)).joined(separator: " ")
        let moment = setting.takesEffect == .atOnce ? "SIGHUP" : "restart"
        let facts =
            "Allowed: \(setting.allowed). Default: \(setting.defaultText ?? "none"). (\(moment))"
        return comment(setting.meaning) + comment(facts) + line + "\n"
    }

    private static func comment(_ text: String) -> String {
        text.wrapped(to: 76).map { "# \($0)\n" }.joined()
    }

    /// The table of keys in the chapter on configuration.
    static var table: String {
        let head = "| key | default | allowed | meaning | changes with |\n|---|---|---|---|---|\n"
        return head
            + Setting.all.map { setting in
                let value = setting.defaultText.map { "`\($0)`" } ?? "none"
                let moment = setting.takesEffect == .atOnce ? "SIGHUP" : "restart"
                return "| `\(setting.key)` | \(value) | \(setting.allowed) | \(setting.meaning)"
                    + " | \(moment) |\n"
            }.joined()
    }
}
