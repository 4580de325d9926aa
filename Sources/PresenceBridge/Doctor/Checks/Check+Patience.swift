import Mosquitto
import PresenceCore

/// What takes longest, and so comes last: all that was tried meanwhile is a part of the wait.
extension Check {
    /// The longest interval at which the broker should tell its uptime, in milliseconds.
    private static let longestInterval: Int64 = 10_000

    static let patience: [Check] = [
        Check("uptime", needs: .connection) { examination in
            let topic = SystemTopics.uptime
            guard let connection = examination.connection else { return nil }
            let isWatched = examination.settings.limits.watchesBrokerRestart
            guard isWatched else {
                return .sound("broker_restart is never: the broker's uptime is not needed")
            }
            connection.wait(1_000) { connection.messages.contains { $0.topic == topic } }
            // mosquitto retains it. What comes live comes with the interval.
            let until = examination.connected + longestInterval + 1_500
            let left = max(0, until - Instant.now.uptime)
            func live() -> Bool {
                connection.messages.contains { $0.topic == topic && !$0.retain }
            }
            let isKnown = connection.messages.contains { $0.topic == topic }
            if isKnown, connection.wait(left, until: live) {
                return .sound("the broker tells its uptime at least each 10 s")
            }
            return isKnown
                ? .wrong(
                    "the broker tells its uptime less often than each 10 s: a restart is noticed "
                        + "late",
                    examination.broker("sys_interval 10")
                )
                : .wrong(
                    "the broker sends no \(topic), so that its restarts are not noticed: it has "
                        + "none (sys_interval 0), or the bridge has no right to read it",
                    examination.acl(
                        "topic read \(topic); and in mosquitto.conf sys_interval 10; elsewhere "
                            + "'broker_restart never' in \(examination.ownFile)"
                    )
                )
        }
    ]
}
