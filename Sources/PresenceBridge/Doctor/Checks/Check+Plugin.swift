import Presence

/// The plugin in the broker, and the broker's clock, which nothing else tells.
extension Check {
    /// How far clocks may be apart, in milliseconds.
    static let clockTolerance: Int64 = 5_000

    static let plugin: [Check] = [
        Check("plugin", needs: .connection) { examination in
            switch examination.pluginReport.state {
            case .isAbsent: return .untold("the broker has no plugin, and the bridge does without")
            case .isForbidden:
                return .untold(
                    "the bridge may not ask for the plugin: if the broker has it, add to its ACL "
                        + "'topic write \(ControlMessage.topic)'"
                )
            case .isNotAsked:
                return .untold(
                    examination.broker.usesPlugin
                        ? "asked for with MQTT 5 alone" : "broker_plugin is off: not asked for"
                )
            case .isPresent(let about):
                let version = about?.version
                if version == Version.current {
                    return .sound(
                        "the broker has the plugin, version \(Version.current) as the bridge"
                    )
                }
                let found =
                    version.map { "version \($0)" } ?? "a version that does not tell its number"
                return .wrong(
                    "the broker has the plugin in \(found), and the bridge has \(Version.current)",
                    examination.shell("make plugin && sudo make install, and restart mosquitto")
                )
            }
        },
        Check("clock") { examination in
            if let skew = examination.pluginReport.skew { return examination.judge(skew: skew) }
            if examination.isNear {
                return .sound("the broker is on this machine, and has its clock")
            }
            return .untold(
                "MQTT says no time of day: only the plugin tells the broker's clock. The bridge "
                    + "goes by its own alone"
            )
        },
    ]
}

extension Examination {
    func judge(skew: Int64) -> Check.Outcome {
        guard skew.magnitude > UInt64(Check.clockTolerance) else {
            return .sound(
                "the broker's clock is that of this machine, but for \(skew.magnitude) ms and the time that "
                    + "its answer took"
            )
        }
        let seconds = skew.magnitude / 1_000
        return .wrong(
            "the broker's clock is \(seconds) s \(skew > 0 ? "ahead of" : "behind") this machine's",
            shell("timedatectl set-ntp true, on both machines")
        )
    }
}
