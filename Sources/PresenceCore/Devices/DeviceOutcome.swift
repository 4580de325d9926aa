import Presence

/// What a device counts as, and what follows for it, whoever speaks for the device.
enum DeviceOutcome: Sendable {
    /// It counts as online, with a word.
    case shows(UserID, Name, StatusWord)
    /// It counts as offline, and why; `nil` where a status said so.
    case hides(UserID, Name, Departure?)
    /// What is stored of it is out of date.
    case stored(DeviceRecord.Key)
    /// A device of the user was forgotten.
    case released(UserID)
    /// An alarm is wanted, at a time in milliseconds of uptime.
    case alarm(AlarmPurpose, at: Int64)
    /// A topic said something else than was known.
    case mended
    /// A grace has begun or ended; said only where the log tells that.
    case grace(UserID, Name, Grace.Step)
}
