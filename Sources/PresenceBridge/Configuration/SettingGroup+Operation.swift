import Logging
import PresenceCore

extension SettingGroup {
    static let events = SettingGroup(
        "Events",
        [
            Setting(
                "event_interval",
                \.limits.eventInterval,
                .duration(.zero...(.seconds(60))),
                "The least time between two messages of events to one watcher. What changes in"
                    + " between is sent together; 0 waits for nothing, and"
                    + " only what the bridge reads at one go is still sent together."
            ),
            Setting(
                "event_expiry",
                \.eventExpiry,
                .duration(second...(.seconds(30 * 86_400)), whole: true, zero: "none"),
                "The MQTT 5 message expiry of an event: for how long the broker keeps it for a"
                    + " watcher that is away."
            ),
            Setting(
                "event_qos",
                \.eventQoS,
                .integer(0...1),
                "The quality of service of events."
            ),
        ]
    )

    static let rates = SettingGroup(
        "Rates",
        note: "Token buckets, one of each for every user: so many a second for long, and so many at"
            + " once after a rest.",
        [
            Setting(
                "request_rate",
                \.limits.requestRate,
                .integer(1...1_000_000, "requests a second"),
                "Requests of one user. Past it one refusal a second is answered, and the rest"
                    + " dropped."
            ),
            Setting(
                "request_burst",
                \.limits.requestBurst,
                .integer(1...1_000_000, "requests"),
                "Requests of one user at once."
            ),
            Setting(
                "device_rate",
                \.limits.deviceRate,
                .integer(1...1_000_000, "statements a second"),
                "What all devices of one user state. Past it the newest statement of each device"
                    + " waits."
            ),
            Setting(
                "device_burst",
                \.limits.deviceBurst,
                .integer(1...1_000_000, "statements"),
                "What all devices of one user state at once."
            ),
        ]
    )

    static let permissions = SettingGroup(
        "Permissions",
        [
            Setting(
                "allow_subscribe_all",
                \.limits.allowSubscribeAll,
                .permission,
                "Who may subscribe to everyone."
            ),
            Setting(
                "allow_online",
                \.limits.allowOnline,
                .permission,
                "Who may ask for the list of all who are online."
            ),
            Setting(
                "allow_watchers",
                \.limits.allowWatchers,
                .permission,
                "Who may ask for the list of their own watchers."
            ),
        ]
    )

    static let changes = SettingGroup(
        "The change log",
        note: "What has changed of every user, for 'history' and for back ends: docs/http.md.",
        [
            Setting(
                "history_keep",
                \.limits.historyKeep,
                .duration(second...(.seconds(365 * 86_400)), whole: true, zero: "keep none"),
                "How long the changes of users are kept."
            ),
            Setting(
                "history_rows",
                \.historyRows,
                .integer(1...1_000_000_000, "changes", zero: "no limit"),
                "The most changes that are kept; past it the oldest go before their time."
            ),
        ]
    )

    static let operation = SettingGroup(
        "Operation",
        [
            Setting(
                "metrics_interval",
                \.metricsInterval,
                .duration(second...day, zero: "off"),
                "How often the metrics are published."
            ),
            Setting(
                "log_level",
                \.logLevel,
                .choice,
                "The least serious messages that are logged, to standard error."
            ),
        ]
    )
}
