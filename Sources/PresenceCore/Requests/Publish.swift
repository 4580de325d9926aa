import Presence

/// `publish`, decided before anything is changed.
extension Call {
    /// Refuses a description with which the status is longer than the broker takes: nobody would be
    /// told of it.
    ///
    /// Returns whether there is anything to change.
    ///
    /// - Parameter second: the least that the status will tell as that of its last change.
    func publish(
        _ description: String,
        second: Int64,
        _ names: Names,
        _ statuses: some Statuses,
        at now: Instant
    ) throws(Refusal) -> Bool {
        var status = statuses.status(of: caller, names, room: nil)
        let isChange = status.description != description || names.id(of: caller) != nil
        status.description = description
        status.seq = max(status.seq + 1, now.unix)
        status.updated = second
        let room = settings.packets.statusRoom(settings.topics)
        // One that takes a description away is well in any case: what is left may be shortened.
        let told = description.isEmpty ? status.fitting(room) ?? status : status
        let length = told.payload.count
        guard takes(length), length <= room || description.isEmpty else {
            throw tooLong(length)
        }
        return isChange
    }
}
