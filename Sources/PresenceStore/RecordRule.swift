import Presence

/// What a record must keep to be stored and to be read back.
///
/// A row that breaks a rule comes from a damaged file, and a record that does from a fault in the
/// bridge; neither may reach the other side. `brokenRule` says in words which rule is broken,
/// `nil` for none.
private enum RecordRule {
    /// Numbers that rise by one at a time.
    static let counts: ClosedRange<Int64> = 0...(1 << 53)
    /// Such numbers where they are found: with one at the end of the range nothing could be
    /// stored any more.
    static let foundCounts: ClosedRange<Int64> = 0...(1 << 52)
    /// The highest number of a user: numbers are given out densely, and memory goes by the highest.
    static let lastUser: UserID = 1 << 28
    /// Seconds of a promise.
    static let ttls: ClosedRange<Int64> = 0...Int64(Int32.max)

    /// Whether the time is in range, or there is none.
    static func allows(_ time: Int64?) -> Bool {
        time.map(UnixSeconds.range.contains) ?? true
    }
}

extension UserRecord {
    var brokenRule: String? {
        if id == .everyone { return "a user has the id 0" }
        if id > RecordRule.lastUser {
            return "a user has the id \(id), above \(RecordRule.lastUser)"
        }
        if Name(user: name.text) == nil { return "user \(id) has no legal name" }
        if !RecordRule.counts.contains(seq) { return "user \(id) has the seq \(seq)" }
        for time in [descriptionExpires, since, updated] where !RecordRule.allows(time) {
            return "user \(id) has a time out of range"
        }
        return nil
    }
}

extension DeviceRecord {
    var brokenRule: String? {
        if user == .everyone { return "a device has the user id 0" }
        if Name(device: name.text) == nil { return "a device of user \(user) has no legal name" }
        if StatusWord(status.text) == nil { return "a device of user \(user) has no legal status" }
        if let ttl, !RecordRule.ttls.contains(ttl) {
            return "a device of user \(user) has the ttl \(ttl)"
        }
        if !RecordRule.counts.contains(epoch) {
            return "a device of user \(user) has the epoch \(epoch)"
        }
        if !RecordRule.allows(heard) { return "a device of user \(user) has a time out of range" }
        return nil
    }
}

extension SubscriptionRecord {
    var brokenRule: String? {
        if watcher == .everyone { return "a subscription has the watcher 0" }
        for id in [watcher, user] where id > RecordRule.lastUser {
            return "a subscription has the user \(id), above \(RecordRule.lastUser)"
        }
        if !RecordRule.allows(expires) {
            return "a subscription of user \(watcher) has a time out of range"
        }
        return nil
    }
}

extension BrokerRecord {
    var brokenRule: String? {
        if !RecordRule.counts.contains(epoch) { return "the broker has the epoch \(epoch)" }
        if !RecordRule.counts.contains(lastStart) { return "the last start was at \(lastStart)" }
        if !RecordRule.counts.contains(mark) { return "the bridge has left the mark \(mark)" }
        for time in [started, clock] where !RecordRule.allows(time) {
            return "the broker has a time out of range"
        }
        return nil
    }
}

extension LoggedChange {
    var brokenRule: String? {
        if !(1...RecordRule.counts.upperBound).contains(id) { return "a change has the id \(id)" }
        if Name(user: user.text) == nil { return "the user of change \(id) has no legal name" }
        if !RecordRule.allows(time) { return "change \(id) has a time out of range" }
        if status.isEmpty { return "change \(id) has no status" }
        return nil
    }
}

extension LogStep {
    var brokenRule: String? {
        switch self {
        case .put(let change): change.brokenRule
        case .erase(_, through: let id), .end(let id):
            RecordRule.foundCounts.contains(id) ? nil : "the last change has the id \(id)"
        case .putWebhook(let position):
            RecordRule.foundCounts.contains(position.condensed)
                && RecordRule.counts.contains(position.skipped)
                ? nil : "a webhook has got to the change \(position.condensed)"
        case .removeWebhook: nil
        }
    }
}

extension UserRecord {
    /// Which rule the record breaks where it is found.
    var brokenRuleAsFound: String? {
        brokenRule ?? (RecordRule.foundCounts.contains(seq) ? nil : "user \(id) has the seq \(seq)")
    }
}

extension BrokerRecord {
    /// Which rule the record breaks where it is found.
    var brokenRuleAsFound: String? {
        if let brokenRule { return brokenRule }
        for count in [epoch, lastStart, mark] where !RecordRule.foundCounts.contains(count) {
            return "the broker has an epoch, a start or a mark beyond all counting: \(count)"
        }
        return nil
    }
}

extension Change {
    /// What is wrong with the record where it is found.
    var brokenRuleAsFound: String? {
        switch self {
        case .putUser(let record): record.brokenRuleAsFound
        case .putBroker(let record): record.brokenRuleAsFound
        case .putDevice, .putSubscription, .removeUser, .removeDevice, .removeSubscription, .log:
            brokenRule
        }
    }

    /// What is wrong with the record that is put; nothing with a removal.
    var brokenRule: String? {
        switch self {
        case .putUser(let record): record.brokenRule
        case .putDevice(let record): record.brokenRule
        case .putSubscription(let record): record.brokenRule
        case .putBroker(let record): record.brokenRule
        case .log(let step): step.brokenRule
        case .removeUser, .removeDevice, .removeSubscription: nil
        }
    }
}
