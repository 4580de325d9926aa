import Presence

/// What an operator has stated for devices and the broker is not known to have, each with what it overruled.
///
/// Where the connection breaks before the broker has got the one, the other is found at the next connection, and
/// is no news. Once the broker has got it, or the device has said something else, nothing is remembered.
struct OperatorWords: Sendable {
    /// The most that are remembered; a broker that drops what comes back may leave many.
    static let most = 10_000

    /// What was on a topic when the operator stated something for its device.
    struct Overruled: Sendable {
        /// What the device had said; `nil` where there was nothing.
        var statement: Statement?
        /// Whether there may have been nothing: the broker was restarted since the device spoke.
        var mayBeNothing: Bool
    }

    private var overruled: [DeviceKey: Overruled] = [:]

    func holds(_ key: DeviceKey) -> Bool { !overruled.isEmpty && overruled[key] != nil }

    /// Notes that the operator has overruled what was on a topic.
    ///
    /// What an earlier word of the operator's overruled stays noted: neither may be there.
    mutating func insert(_ key: DeviceKey, overruling before: Overruled) {
        guard overruled.count < Self.most || holds(key) else { return }
        overruled[key] = before
    }

    /// What a word overruled that is not confirmed; `nil` where there is no such word.
    func overruled(at key: DeviceKey) -> Overruled? { overruled.isEmpty ? nil : overruled[key] }

    /// Whether a statement that is found is the one that was overruled.
    func overrules(_ found: Statement, at key: DeviceKey) -> Bool {
        overruled(at: key)?.statement.map(found.matches) ?? false
    }

    /// Whether there may have been nothing on a topic when the operator stated something.
    func overrulesNothing(at key: DeviceKey) -> Bool { overruled(at: key)?.mayBeNothing ?? false }

    /// The broker has it, or the device has said something newer.
    mutating func confirm(_ key: DeviceKey) {
        if !overruled.isEmpty { overruled[key] = nil }
    }
}
