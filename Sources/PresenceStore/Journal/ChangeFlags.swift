/// Which of the optional values of a record follow it in a journal, one bit for each.
///
/// A bit never gets another meaning, since a journal may have been written by an earlier release.
struct ChangeFlags: OptionSet {
    let rawValue: UInt8

    static let descriptionExpires = Self(rawValue: 1)
    static let cause = Self(rawValue: 2)
    static let since = Self(rawValue: 4)
    static let updated = Self(rawValue: 8)
    /// All that a user can have.
    static let ofUser: Self = [.descriptionExpires, .cause, .since, .updated]

    static let ttl = Self(rawValue: 1)
    static let session = Self(rawValue: 2)
    /// All that a device can have.
    static let ofDevice: Self = [.ttl, .session]

    static let started = Self(rawValue: 1)
    static let markedTopic = Self(rawValue: 2)
    /// No value follows this one: the bit is the value.
    static let isSettled = Self(rawValue: 4)
    /// All that a broker can have.
    static let ofBroker: Self = [.started, .markedTopic, .isSettled]
}
