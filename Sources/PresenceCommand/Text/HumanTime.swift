import Foundation
import Presence

/// Times as people say them.
enum HumanTime {
    /// How long ago something was, in the largest unit that fits: `now`, `5 min`, `3 h`, `2 d`.
    static func ago(_ time: Int64, now: Int64) -> String {
        let seconds = now.subtractingSaturated(time)
        return seconds < 60 ? "now" : length(seconds)
    }

    /// Since when somebody is online, or has not been: who went a moment ago is not "offline now".
    static func since(_ time: Int64, isOnline: Bool, now: Int64) -> String {
        isOnline ? ago(time, now: now) : length(now.subtractingSaturated(time))
    }

    /// How long it is until a time, `0 s` once it is over.
    static func left(until time: Int64, now: Int64) -> String {
        length(time.subtractingSaturated(now))
    }

    static func length(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<3_600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// Date and time of here: `2026-01-31 23:59`, with seconds if they matter.
    static func stamp(_ time: Int64, seconds: Bool = false) -> String {
        var clock = time_t(time)
        var parts = unsafe tm()
        guard unsafe localtime_r(&clock, &parts) != nil else { return "\(time)" }
        let day = unsafe [Int(parts.tm_year) + 1_900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        let time = unsafe [parts.tm_hour, parts.tm_min] + (seconds ? [parts.tm_sec] : [])
        return day.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "-") + " "
            + time.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    static var now: Int64 { Int64(Date().timeIntervalSince1970) }
}
