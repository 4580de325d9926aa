import Presence

/// What readings find on device topics.
extension PresenceCore {
    /// What a reading found on a device topic.
    mutating func find(
        _ found: Statement,
        _ report: Report,
        isOwn: Bool,
        reading: ReadingID,
        at now: Instant
    ) {
        let key = DeviceKey(report.user, report.device)
        if isOwn {
            unconfirmed.remove(key)
            if !readings.hasReadOnce, found.status.isOnline {
                // The process that wrote it may have died before it put right what it wrote over.
                turn.replies.append(announcement(report.user, report.device))
            }
        } else if unconfirmed.outruns(reading, key) {
            // What was there before; what the device has said since comes by the other way. But all of
            // it comes in the order in which it was written: the device spoke after what is doubted.
            endDoubt(of: key, by: found)
            return
        }
        if !isOwn { settleHeld(before: report, at: now) }
        let id = directory.id(of: report.user)
        guard let id, let index = roster[id].index(of: report.device) else {
            findUnknown(found, report, id, isOwn: isOwn, reading: reading, at: now)
            return
        }
        roster[id, index].reading = reading
        roster[id, index].isFoundOwn = isOwn
        let device = roster[id, index]
        var report = report
        report.isProven = isProven(found, of: device, isOwn: isOwn)
        if device.matches(found), !(report.isProven && device.isAwaited(by: found)) {
            roster[id, index].confirmVerdict()
            // What was held is not on the topic any more.
            if !isOwn { roster[id, index].dropHeld() }
            if report.isProven, device.shown != nil { trust(id, index, at: now) }
            if !isOwn, device.doubtEnds != nil { endDoubt(id, index) }
            if readings.full == reading, device.shown == nil || !isDoubtful(device) {
                roster[id, index].restartTTL(at: now)
                schedule(id, index)
            }
        } else if isDoubtful(device), !report.isProven {
            roster[id, index].hold(found)
            if roster[id, index].isHeld, device.held != found {
                turn.replies.append(announcement(report.user, report.device))
            }
        } else if device.shown != nil, device.isStale(found) {
            putBack(id, index)
            doubt(id, index, at: now)
        } else if readings.hasReadOnce, isOwn || device.wasOverruled(found) {
            putBack(id, index)
        } else {
            countMended()
            if reading == readings.full { readings.again.findNews() }
            hear(found, report.found(by: reading), at: now)
        }
    }

    private mutating func endDoubt(of key: DeviceKey, by found: Statement) {
        guard let id = directory.id(of: key.user), let index = roster[id].index(of: key.device),
            roster[id, index].doubtEnds != nil, roster[id, index].matches(found)
        else { return }
        endDoubt(id, index)
    }

    private mutating func findUnknown(
        _ found: Statement,
        _ report: Report,
        _ id: UserID?,
        isOwn: Bool,
        reading: ReadingID,
        at now: Instant
    ) {
        var report = report
        report.isProven = isProven(found, of: nil, isOwn: isOwn)
        if let id, isDoubtful(nil), !report.isProven, roster[id].seq > 0, found.status.isOnline {
            var device = Device(report.device, epoch: broker.epoch - 1, at: now)
            device.hold(found)
            device.reading = reading
            roster.append(device, to: id)
            turn.replies.append(announcement(report.user, report.device))
            return
        }
        if found.status.isOnline {
            countMended()
            if reading == readings.full { readings.again.findNews() }
        }
        hear(found, report.found(by: reading), at: now)
        if let id = directory.id(of: report.user),
            let index = roster[id].index(of: report.device)
        {
            roster[id, index].reading = reading
        }
    }
}

extension PresenceCore {
    /// What a device is known to have said was said since the restart of the broker.
    mutating func trust(_ id: UserID, _ index: Int, at now: Instant) {
        let before = roster[id, index].noted
        roster[id, index].dropHeld()
        roster[id, index].isTakenAtWord = true
        roster[id, index].epoch = broker.epoch
        roster[id, index].restartTTL(at: now)
        noteChange(id, index, since: before)
    }
}

extension Report {
    /// The report with the reading that found it, also if it came by the lasting subscription.
    fileprivate func found(by reading: ReadingID) -> Report {
        var report = self
        report.reading = reading
        return report
    }
}
