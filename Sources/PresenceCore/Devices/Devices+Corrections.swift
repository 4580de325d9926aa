import OrderedCollections
import Presence

/// What becomes of the bridge's own writes to device topics.
///
/// Anyone can forge the bridge's mark on a topic of its own, so a correction takes a token of the
/// user's; one that there is none for is left to the audit.
extension Devices {
    /// The most misnamed topics that wait; what is more is cleared after the next connection.
    private static let mostMisnamed = 1_024

    /// What the bridge wrote comes back: it must not outlive a newer word of the device.
    mutating func echo(_ statement: Statement, _ report: Report, _ names: Names) {
        corrections.confirm(DeviceKey(report.user, report.device))
        // What is deferred came before this, which was written over it.
        rates.change(report.user, report.device) { $0.isRetained = false }
        guard let (id, index) = place(of: report, names) else {
            if takeToken(report.user) { clear(report.user, report.device) }
            return
        }
        let device = table[id, index]
        guard device.isForgetting || !device.matches(statement) else {
            table[id, index].confirmVerdict()
            operatorWords.confirm(DeviceKey(report.user, report.device))
            return
        }
        if takeToken(report.user) { putBack(id, index, names) }
    }

    /// What the bridge wrote is found of a device that it has forgotten since: the topic is cleared.
    ///
    /// The device is asked, too, since a store that was lost may have known of it.
    mutating func clearFound(_ report: Report) {
        rates.change(report.user, report.device) { $0.isRetained = false }
        clear(report.user, report.device)
        ask(report.user, report.device)
    }

    /// A topic that the bridge emptied: the device may have spoken since.
    mutating func echoClear(_ report: Report, _ names: Names) {
        corrections.confirm(DeviceKey(report.user, report.device))
        rates.change(report.user, report.device) { $0.isRetained = false }
        guard let (id, index) = place(of: report, names), !table[id, index].isForgetting else {
            operatorWords.confirm(DeviceKey(report.user, report.device))
            return
        }
        if takeToken(report.user) { putBack(id, index, names) }
    }

    /// Notes what this turn writes to device topics.
    mutating func noteCorrections(_ writes: [Effect]) {
        for write in writes {
            switch write {
            case .retain(.device(let user, let device), _), .clear(.device(let user, let device)):
                let key = DeviceKey(user, device)
                corrections.insert(
                    key,
                    after: known.lastReading,
                    // Over what an operator wrote, no device is asked: the operator spoke last.
                    isAsked: !operatorWords.holds(key),
                    memory: limits.auditInterval.milliseconds,
                    at: now
                )
            default: continue
            }
        }
        corrections.dropPending()
    }

    /// The broker has dropped messages: the audit finds what they said, but for what was overwritten
    /// since, whose devices are asked.
    mutating func askCorrectedOfLate() {
        for key in corrections.takeRecent() { ask(key.user, key.device) }
    }

    /// Asks those whose word may have been overwritten as the last connection broke.
    mutating func askUnconfirmed() {
        for key in corrections.takeAll() where !operatorWords.holds(key) {
            ask(key.user, key.device)
        }
    }

    // MARK: - Misnamed topics

    /// Something retained on a topic with a name that nobody can have.
    mutating func clearMisnamed(_ topic: String) {
        guard TopicName.isPublishable(topic) else { return }
        let isFirst = misnamed.isEmpty
        if misnamed.count < Self.mostMisnamed { misnamed.append(topic) }
        if isFirst { clearMisnamed() }
    }

    /// Clears what waits, one for each token of its user's.
    mutating func clearMisnamed() {
        while let topic = misnamed.first {
            // The level that the broker's ACL ties to the login has the bucket, whatever it is.
            // Levels are parted by bytes: what stands behind a slash may combine with it.
            let levels = topic.utf8.dropFirst(topics.prefix.utf8.count + 1)
                .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            let user = Name(checked: levels.count > 1 ? String(Substring(levels[1])) : "")
            guard takeToken(user) else {
                let wait = max(1, rates.wait(user, rate: limits.deviceRate))
                outcomes.append(.device(.alarm(.misnamedTopics, at: now.uptime + wait)))
                return
            }
            misnamed.removeFirst()
            outcomes.append(.write(.clear(.stray(topic))))
        }
    }
}
