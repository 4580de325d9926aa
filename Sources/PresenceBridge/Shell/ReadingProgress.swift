import Presence
import PresenceCore

/// What the log is told on the way from a connection to serving.
struct ReadingProgress {
    /// Time between two lines, in milliseconds.
    private static let pause: Int64 = 5_000

    /// When the connection was made, in milliseconds of uptime; `nil` while nothing is read.
    private var begun: Int64?
    private var nextLine: Int64 = 0

    mutating func begin(at uptime: Int64) {
        begun = uptime
        nextLine = uptime + Self.pause
    }

    mutating func end() { begun = nil }

    /// A line, where the reading takes long and the last one was five seconds ago.
    mutating func line(_ metrics: @autoclosure () -> Metrics, at uptime: Int64) -> String? {
        guard begun != nil, uptime >= nextLine else { return nil }
        nextLine = uptime + Self.pause
        return "still reading what the broker has retained: \(metrics().devices) so far"
    }

    /// The line of a bridge that serves from now on; `nil` where it has served since an earlier reading.
    mutating func ready(_ metrics: Metrics, at uptime: Int64) -> String? {
        guard let begun else { return nil }
        end()
        let tenths = (uptime - begun) / 100
        let time = "\(tenths / 10).\(tenths % 10) s"
        let users = metrics.usersOnline.of("user")
        return "ready: \(users) online, \(metrics.devices), after \(time)"
    }
}

extension Metrics {
    fileprivate var devices: String { devicesOnline.of("device") }
}
