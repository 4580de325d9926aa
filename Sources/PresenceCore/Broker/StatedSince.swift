import Presence

/// What the broker's plugin knows better than anything that is concluded: on which device topics
/// something was stated since the broker's start.
///
/// It is asked when the suspects' grace begins, so after everything was read. A topic that it names was
/// written after the start, and the bridge has found or heard what was written: no copy from before it.
/// Of what it does not name nothing follows, since it may not be there, or not know all.
extension PresenceCore {
    /// Takes the devices at their word that the plugin names.
    mutating func believe(_ devices: [DeviceKey], at now: Instant) {
        guard phase != .away, !broker.isSettled else { return }
        for key in devices { believe(key, at: now) }
    }

    /// Takes a device at the word that was found on its topic at this connection, if that was its own.
    private mutating func believe(_ key: DeviceKey, at now: Instant) {
        guard let id = directory.id(of: key.user), let index = roster[id].index(of: key.device)
        else { return }
        let device = roster[id, index]
        // In doubt is what the bridge has since written over.
        guard isDoubtful(device), !device.isFoundOwn, !device.isInDoubt,
            readings.atConnection > 0, device.reading >= readings.atConnection
        else { return }
        guard let held = device.held else {
            if device.shown != nil { trust(id, index, at: now) }
            return
        }
        // A will has the long grace after a restart, whenever it came.
        guard held.status.isOnline || held.status == .invisible else { return }
        var report = Report(
            user: key.user,
            device: key.device,
            payload: held.payload,
            reading: device.reading
        )
        report.isProven = true
        countMended()
        hear(held, report, at: now)
    }
}
