import Presence

/// How what is said of a device, or found on its topic, fits what is known of it.
extension Device {
    /// Whether a statement is the will of another connection than the device's current one.
    func isStale(_ said: Statement) -> Bool {
        guard said.status == .lost, let session = said.session, let current = statement.session
        else { return false }
        return session != current && session != unproven?.session
    }

    /// Whether a statement found on the topic is the one that is known.
    func matches(_ found: Statement) -> Bool {
        found.matches(statement)
    }

    /// Whether the device still counts as online, with no grace running, though this is what it said:
    /// a restart of the broker put the question off whether the word was an old copy.
    func isAwaited(by found: Statement) -> Bool {
        isShown && departure == nil && !found.status.isOnline
    }

    /// Whether its topic should be there, and a reading has not found it.
    func isMissing(in reading: ReadingID) -> Bool { self.reading < reading && !isForgetting }
}
