import Presence

/// The will of another connection than the known one, where messages may have been missed.
///
/// It is the will of an older connection, which means nothing, or of a newer one whose birth the
/// broker did not deliver, which means that the device is gone. So the last statement is put back,
/// and the device asked to announce itself; if it keeps silent it is lost. Until it has spoken the
/// device has an epoch that is over, in the store, too: a bridge that comes after asks again.
extension PresenceCore {
    /// Asks a device that counts as online whether it is there.
    mutating func doubt(_ id: UserID, _ index: Int, at now: Instant) {
        guard roster[id, index].shown != nil else { return }
        if roster[id, index].doubtEnds == nil {
            turn.replies.append(announcement(directory[id], roster[id, index].name))
        }
        let before = roster[id, index].noted
        let grace = max(limits.brokerRestartGrace, limits.offlineGrace)
        roster[id, index].doubt(until: now.uptime + grace.milliseconds)
        roster[id, index].epoch = min(before.epoch, broker.epoch - 1)
        noteChange(id, index, since: before)
    }

    /// Asks a device whose will was heard, after what may have been missed: the birth of a newer
    /// connection, which the will of the old one has overwritten.
    ///
    /// It has its grace to answer. Nobody listens where a device has truly gone.
    mutating func askLost(_ id: UserID, _ index: Int) {
        turn.replies.append(announcement(directory[id], roster[id, index].name))
    }

    /// What a device has said itself was found on its topic: it is there.
    mutating func endDoubt(_ id: UserID, _ index: Int) {
        let before = roster[id, index].noted
        roster[id, index].endDoubt()
        roster[id, index].epoch = broker.epoch
        noteChange(id, index, since: before)
    }

    /// Messages were missed: the wills that were taken for those of older connections may have been
    /// of newer ones.
    mutating func doubtContradicted(at now: Instant) {
        for id in 1..<max(1, roster.end) {
            for index in roster[id].devices.indices where roster[id, index].isContradicted {
                doubt(id, index, at: now)
            }
        }
    }

    /// A device was in doubt when the process before this one ended.
    mutating func resumeDoubts(at now: Instant) {
        guard broker.isSettled else { return }
        for id in 1..<max(1, roster.end) {
            for index in roster[id].devices.indices {
                let device = roster[id, index]
                if device.doubtEnds == nil, device.epoch < broker.epoch {
                    doubt(id, index, at: now)
                }
            }
        }
    }
}
