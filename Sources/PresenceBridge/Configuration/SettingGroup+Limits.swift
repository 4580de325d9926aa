import PresenceCore

extension SettingGroup {
    static let limits = SettingGroup(
        "Limits",
        [
            Setting(
                "max_subscriptions",
                \.limits.maxSubscriptions,
                .integer(1...1_000_000, "subscriptions"),
                "The most subscriptions that one user holds."
            ),
            Setting(
                "max_usernames",
                \.limits.maxUsernames,
                .integer(1...1_000, "usernames"),
                "The most usernames in one request."
            ),
            Setting(
                "max_watchers",
                \.limits.maxWatchers,
                .integer(1...100_000_000, "watchers", zero: "no limit"),
                "The most watchers that one user has."
            ),
            Setting(
                "max_devices",
                \.limits.maxDevices,
                .integer(1...10_000, "devices"),
                "The most devices of one user that are online, and as many that are remembered"
                    + " offline."
            ),
            Setting(
                "max_expiry",
                \.limits.maxExpiry,
                .seconds(second...longest),
                "The longest subscription, and the longest life of a description that expires."
            ),
            Setting(
                "default_expiry",
                \.limits.defaultExpiry,
                .seconds(second...longest),
                "How long a subscription lasts that names no expiry. At most max_expiry; without"
                    + " this key it follows a max_expiry that is lower than its default."
            ),
            Setting(
                "max_description",
                \.limits.maxDescription,
                .integer(0...65_536, "bytes"),
                "The longest description, in bytes of UTF-8; 0 allows none. At most max_message."
            ),
            Setting(
                "max_message",
                \.limits.maxMessage,
                .integer(1_024...16_777_216, "bytes"),
                "The longest batch of events, or page of an answer."
            ),
        ]
    )

    static let graces = SettingGroup(
        "Graces, and how long things are remembered",
        [
            Setting(
                "offline_grace",
                \.limits.offlineGrace,
                .duration(.zero...day),
                "How long a device whose connection was lost still counts as online. One that is"
                    + " back before then was never away. With 0 nothing is waited for."
            ),
            Setting(
                "logout_grace",
                \.limits.logoutGrace,
                .duration(.zero...day),
                "The same after a logout, so that the reload of a page is none. With 0 nothing is waited"
                    + " for."
            ),
            Setting(
                "broker_restart",
                \.limits.watchesBrokerRestart,
                .either("auto", or: "never"),
                "Whether devices must state something again after a restart of the broker. never"
                    + " is for brokers without $SYS/broker/uptime."
            ),
            Setting(
                "broker_restart_grace",
                \.limits.brokerRestartGrace,
                .duration(.zero...day, whole: true),
                "How long they have for it, before they count as lost. With 0 everyone who was online"
                    + " is lost with each restart."
            ),
            Setting(
                "audit_interval",
                \.limits.auditInterval,
                .duration(second...(.seconds(30 * 86_400)), zero: "never"),
                "Within which time every device topic is read again, to find what the broker did"
                    + " not deliver."
            ),
            Setting(
                "device_forget_after",
                \.limits.deviceForgetAfter,
                .duration(second...longest),
                "How long an offline device is remembered."
            ),
            Setting(
                "forget_after",
                \.limits.forgetAfter,
                .duration(second...longest, zero: "never"),
                "How long the status and description of a user without a device online stay after"
                    + " the last change."
            ),
        ]
    )
}
