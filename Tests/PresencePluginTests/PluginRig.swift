import Presence
import PresencePluginCore

/// Who comes and goes at a broker whose plugin speaks for clients, and what it writes.
struct PluginRig {
    var attendance: Attendance
    var now = Duration.seconds(100)

    init(_ change: (inout PluginOptions) -> Void = { _ in }) {
        var options = PluginOptions()
        options.autoPresence = true
        options.bridgeUsers = ["bridge"]
        options.monitorUsers = ["monitor"]
        change(&options)
        attendance = Attendance(options, run: "r")
    }

    @discardableResult
    mutating func come(_ key: UInt, _ user: String?, _ id: String) -> Attendance.Admission {
        attendance.connecting(key, username: user, clientID: id, at: now)
    }

    mutating func arrive(_ key: UInt, _ user: String, _ id: String) {
        attendance.arrived(key, username: user, clientID: id, at: now)
    }

    mutating func go(_ key: UInt, _ departure: Departure = .untold) {
        attendance.disconnected(key, departure, at: now)
    }

    mutating func say(_ key: UInt, _ device: DeviceKey, _ word: String?, session: String? = nil) {
        let statement = word.map { Statement(StatusWord(checked: $0), session: session) }
        attendance.stated(key, on: device, statement)
    }

    /// What is written at a tick, as `bob/phone online`.
    mutating func tick(after duration: Duration) -> [String] {
        writings(after: duration).map { writing in
            let statement = try? Statement(reading: writing.payload, longest: 1_024)
            let word = writing.payload.isEmpty ? "cleared" : statement?.status.text ?? "unreadable"
            return "\(writing.device.user)/\(writing.device.device) \(word)"
        }
    }

    mutating func statements(after duration: Duration) -> [Statement] {
        writings(after: duration).compactMap {
            try? Statement(reading: $0.payload, longest: 1_024)
        }
    }

    private mutating func writings(after duration: Duration) -> [Attendance.Writing] {
        now += duration
        var writings: [Attendance.Writing] = []
        attendance.tick(at: now, into: &writings)
        return writings
    }

    static func device(_ user: String, _ device: String) -> DeviceKey {
        DeviceKey(Name(checked: user), Name(checked: device))
    }
}
