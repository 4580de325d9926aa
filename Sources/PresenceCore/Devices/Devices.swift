import Presence

/// The machine of the devices: what their topics say, and which of them therefore count as online.
///
/// Statements and the ends of graces come in; who shows with which word goes out, and what is to be
/// written to device topics. It knows of the broker what ``Evidence`` says, and of users their
/// numbers alone.
struct Devices: Sendable {
    /// What others must learn or do.
    enum Outcome: Sendable {
        /// A device counts as online, with a word.
        case shows(UserID, Name, StatusWord)
        /// A device counts as offline, and why.
        case hides(UserID, Name, Departure?)
        /// What is stored of a device is out of date.
        case stored(DeviceEntry)
        /// A device of the user was forgotten.
        case released(UserID)
        /// An alarm is wanted, at a time in milliseconds of uptime.
        case alarm(Occasion, at: Int64)
        /// A device topic is to be written or emptied.
        case write(Effect)
        /// A device is to be asked to announce itself.
        case reply(Reply)
        /// A statement is refused.
        case refusal(Reply)
        /// The broker's plugin is to be asked what was stated since the broker's start.
        case asksForStated
        /// A topic said something else than was known.
        case mended
        /// So it was while everything was read.
        case news
        /// A statement could not be kept: it is to be found when everything is read.
        case missed
        /// Each device that had not spoken since the restart of the broker was given up.
        case suspectsGivenUp
        /// The broker has all that was written of them.
        case suspectsSettled
    }

    private var roster: DeviceRoster
    /// What was taken last, whose room is used again.
    private var taken: [Outcome] = []

    /// No device.
    init(_ settings: Settings, _ known: Evidence) {
        roster = DeviceRoster(
            limits: settings.limits,
            topics: settings.topics,
            bridgeID: settings.bridgeID,
            known: known
        )
    }

    // MARK: - What is asked

    /// The latest second that was told of a device.
    var told: Int64 { roster.told }

    /// Whether any device of a user is remembered.
    func knows(_ user: UserID) -> Bool { !roster.table[user].isEmpty }

    /// Whether a device is known, and not about to be forgotten.
    func remembers(_ user: UserID, _ device: Name) -> Bool {
        roster.table.index(of: device, of: user).map { !roster.table[user, $0].isForgetting }
            ?? false
    }

    /// Whether an alarm of a device's is the one that it waits for.
    func awaits(_ alarm: Int64, of user: UserID, _ number: DeviceNumber) -> Bool {
        roster.table.index(of: number, of: user).map { roster.table[user, $0].wake == alarm }
            ?? false
    }

    /// What is stored of a device; `nil` if nothing is.
    func record(_ entry: DeviceEntry) -> DeviceRecord? {
        guard let index = roster.table.index(of: entry.device, of: entry.user) else { return nil }
        let device = roster.table[entry.user, index]
        guard device.isKnown else { return nil }
        return DeviceRecord(
            user: entry.user,
            name: device.name,
            status: device.shown ?? device.statement.status,
            ttl: device.statement.ttl,
            session: device.statement.session,
            epoch: device.epoch,
            heard: device.heard
        )
    }

    /// The devices of some users, or of all, whose topic should be there and a reading has not found.
    func missing(
        of users: [UserID]? = nil,
        in reading: ReadingID,
        _ known: Evidence
    ) -> [DeviceEntry] {
        users.map { roster.missing(of: $0, in: reading, known) }
            ?? roster.missing(of: roster.table.all, in: reading, known)
    }

    /// Which of some topics a reading has not found either, which another had not found.
    func missing(among entries: [DeviceEntry], in reading: ReadingID) -> [DeviceEntry] {
        entries.filter { roster.isMissing($0, in: reading) }
    }

    /// Takes what others must learn or do, in order.
    mutating func takeOutcomes() -> [Outcome] {
        guard !roster.outcomes.isEmpty else { return [] }
        taken.removeAll(keepingCapacity: taken.count < 64)
        swap(&taken, &roster.outcomes)
        return taken
    }

    // MARK: - What happens

    /// Puts back what a store holds of a device.
    mutating func restore(_ record: DeviceRecord) {
        roster.table.append(Device(restoring: record), to: record.user)
    }

    /// The operator has changed the limits: every alarm is reckoned anew, and no more devices are
    /// remembered than may be.
    mutating func change(_ limits: Limits, _ names: some Naming, _ alarms: inout Alarms) {
        roster.limits = limits
        for id in roster.table.all {
            roster.trimHidden(id, names)
            for index in roster.table[id].indices { roster.schedule(id, index, &alarms) }
        }
    }

    /// The connection is gone: what was deferred is read again as a whole.
    mutating func disconnect() {
        roster.deferred.forgetHeld()
        roster.misnamed.removeAll()
    }

    /// The process makes its first connection: those who were hidden before it are remembered as long
    /// as if they had gone now.
    mutating func resumeHidden(at now: Instant, _ alarms: inout Alarms) {
        for id in roster.table.all {
            for index in roster.table[id].indices where roster.table[id, index].shown == nil {
                roster.table[id, index].resumeHidden(at: now)
                roster.schedule(id, index, &alarms)
            }
        }
    }

    /// A device topic says something.
    ///
    /// - Parameter hasStatus: whether the user has a status.
    mutating func receive(
        _ report: Report,
        hasStatus: Bool,
        _ names: inout some Naming,
        _ known: Evidence
    ) {
        roster.known = known
        roster.receive(report, hasStatus: hasStatus, &names)
    }

    /// The broker's plugin names devices that have stated something since the broker's start.
    mutating func believe(
        _ stated: [DeviceKey],
        _ names: inout some Naming,
        _ known: Evidence
    ) {
        roster.known = known
        roster.believe(stated, &names)
    }

    /// A status was found that is newer than what the store knew: its devices were online.
    mutating func adopt(_ status: UserStatus, of id: UserID, _ known: Evidence) {
        roster.known = known
        roster.adopt(status, of: id)
    }

    /// Something is retained on a topic with a name that nobody can have.
    mutating func clearMisnamed(_ topic: String, _ known: Evidence) {
        roster.known = known
        roster.clearMisnamed(topic)
    }

    /// The bridge is about to write to device topics.
    mutating func noteCorrections(_ writes: [Effect], _ known: Evidence) {
        roster.known = known
        roster.noteCorrections(writes)
    }

    /// The broker has dropped messages.
    mutating func hearOfDrops() { roster.askCorrectedOfLate() }

    /// A reading of everything in the midst of a connection is over, in which something was missed.
    mutating func endReadingEverything(_ names: some Naming, _ known: Evidence) {
        roster.known = known
        roster.doubtContradicted(names)
    }

    /// Topics that were missing were asked for alone, and are empty.
    mutating func takeForGone(
        _ entries: [DeviceEntry],
        _ names: inout some Naming,
        _ known: Evidence
    ) {
        roster.known = known
        for entry in entries { roster.takeForGone(entry, &names) }
    }

    /// A connection was read to its end.
    mutating func beginServing(hasRestarted: Bool, _ names: some Naming, _ known: Evidence) {
        roster.known = known
        roster.resumeSuspects(hasRestarted: hasRestarted)
        roster.askUnconfirmed()
        roster.resumeDoubts(names)
    }

    /// It is known whether the broker has restarted.
    mutating func becomeCertain() { roster.becomeCertain() }

    /// The broker has restarted.
    ///
    /// Returns how many devices must announce themselves.
    mutating func suspectAll(_ known: Evidence) -> Int {
        roster.known = known
        return roster.suspectAll()
    }

    /// The grace of those who must announce themselves begins.
    mutating func watchSuspects(_ known: Evidence) {
        roster.known = known
        roster.watchSuspects()
    }

    /// The words of those who must announce themselves may have been missed.
    mutating func askSuspectsAgain(_ known: Evidence) {
        roster.known = known
        roster.askSuspectsAgain()
    }

    /// An alarm of the devices' went off.
    ///
    /// - Parameter isCongested: whether the broker does not keep up.
    mutating func passAlarm(
        _ occasion: Occasion,
        _ time: Int64,
        isCongested: Bool,
        _ names: inout some Naming,
        _ known: Evidence
    ) {
        roster.known = known
        switch occasion {
        case .device(let id, let number): roster.passAlarm(id, number, time, &names)
        case .deferredStatements(let number): roster.releaseDeferred(number, &names)
        case .misnamedTopics: roster.clearMisnamed()
        case .suspectsAsked: roster.askSuspects(isCongested: isCongested, names)
        case .suspectsEnd: roster.giveUpSuspects(isCongested: isCongested, &names)
        case .outbox, .subscription, .user, .audit, .rereading, .certainty, .store:
            preconditionFailure("\(occasion) is no alarm of the devices'")
        }
    }
}
