import Presence

/// What a reading is for.
enum Purpose: Sendable {
    /// Everything, at a connection.
    case connection
    /// All device topics, since some may have been missed.
    case everyDevice
    /// The device topics of some users, by the audit.
    case slice([UserID])
    /// Single topics that were missing from a reading before.
    case confirmation(Asking<DeviceRecord.Key>)
    /// The names of all device topics.
    case names
    /// Single topics that were listed.
    case listed(Asking<DeviceKey>)
    /// Single topics that were adopted.
    case adopted([String])
    /// Messages that describe users to another program.
    case discoveryMessages
}
