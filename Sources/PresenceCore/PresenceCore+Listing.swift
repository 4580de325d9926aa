import Presence

/// What is done where the broker's queue is too short for a reading of everything: the names of all device
/// topics are listed, and what the reading lacked is asked for alone.
extension PresenceCore {
    mutating func listNames() {
        let words = "the broker has dropped some of what is retained: listing the device topics"
        effects.append(.log(.notice, words))
        effects.append(.read(readings.listNames(at: now), .names))
    }

    /// The topics are listed: asks for those alone that were not found; returns whether there are any.
    mutating func askListed(after id: ReadingID) -> Bool {
        let (keys, cut) = readings.takeListed()
        let lacking = devices.unread(keys, since: cut, names)
        guard !lacking.isEmpty else { return false }
        let words =
            "\(lacking.count) device topics of \(keys.count) were dropped: asking for each alone"
        effects.append(.log(.notice, words))
        ask(lacking[...], then: [], after: id, round: 1)
        return true
    }

    /// Listed topics were asked for: asks for those again that the broker has dropped, and for the next;
    /// returns whether there are any.
    mutating func askListed(
        _ keys: [DeviceKey],
        then rest: ArraySlice<DeviceKey>,
        after id: ReadingID,
        isCut: Bool,
        _ rounds: Int
    ) -> Bool {
        let lacking = isCut && rounds < Rereading.most ? devices.unread(keys, since: id, names) : []
        guard lacking.isEmpty else {
            ask(lacking[...], then: rest, after: id, round: rounds + 1)
            return true
        }
        guard !rest.isEmpty else { return false }
        ask(rest, then: [], after: id, round: 1)
        return true
    }

    private mutating func ask(
        _ keys: ArraySlice<DeviceKey>,
        then rest: ArraySlice<DeviceKey>,
        after id: ReadingID,
        round: Int
    ) {
        let (reading, asked) = readings.ask(keys, then: rest, from: id, round: round, at: now)
        effects.append(.read(reading, .devices(asked)))
    }
}
