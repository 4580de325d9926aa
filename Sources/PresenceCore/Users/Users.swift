import BitCollections
import Presence

/// The machine of the users: merges what devices show into statuses, and seals them.
///
/// What devices show comes in, and changes of statuses go out. It knows no device beyond its name
/// and its word, and nobody who watches.
struct Users: Statuses, Sendable {
    /// What others must learn or do.
    enum Outcome: Sendable {
        /// What is stored of a user is out of date.
        case stored(UserID)
        /// Something of a user is no longer known, or was looked at in vain.
        case released(UserID)
        /// All that was known of a user is forgotten.
        case forgotten(UserID)
        /// An alarm is wanted, at a time in milliseconds since 1970.
        case alarm(UserID, at: Int64)
    }

    /// What a status that was found retained means.
    enum Finding: Sendable {
        /// It is as it should be, or is written anew later.
        case known
        /// It is to be cleared.
        case over
        /// It is the best that is known.
        case newer(UserStatus)
    }

    private(set) var table = UserTable()
    private var touched = NumberMap<Touch>()
    private var touchOrder: [UserID] = []
    /// What was known of users before requests of this turn changed it.
    private var undo: [(id: UserID, before: User)] = []
    /// The users whose retained status was found as it should be.
    private var sound = BitSet()
    /// The users whose status was retained in this turn.
    private var retained = NumberMap<Void>()
    private var tooLong = TooLong()
    private var outcomes: [Outcome] = []
    /// What was taken last, whose room is used again.
    private var taken: [Outcome] = []
    /// Who has changed in this turn, in the order in which it happened.
    private(set) var changes: [StatusChange] = []

    // MARK: - What is asked

    var online: BitSet { table.online }
    func hasStatus(_ id: UserID) -> Bool { table[id].seq > 0 }

    /// Whether there is anything to know of a user beyond its name.
    func knows(_ id: UserID) -> Bool { table[id].isKnown }

    /// Whether a user has changed, and its status is not sealed yet.
    func isChanging(_ id: UserID) -> Bool { touched.index(of: id) != nil }
    func updated(_ id: UserID) -> Int64? { table[id].updated }
    func isRetained(_ id: UserID) -> Bool { retained.index(of: id) != nil }

    /// Whether an alarm of a user's is the one that it waits for.
    func awaits(_ alarm: Int64, of id: UserID) -> Bool { table[id].wake == alarm }

    /// The status as it was last sealed, with what is visible now.
    func status(of id: UserID, named name: Name) -> UserStatus {
        guard hasStatus(id) else { return UserStatus(username: name) }
        return status(of: id, named: name, showing: table[id].visible)
    }

    private func status(of id: UserID, named name: Name, showing visible: Visible) -> UserStatus {
        let user = table[id]
        return UserStatus(
            username: name,
            description: visible.description,
            devices: visible.devices,
            cause: user.cause,
            since: user.since,
            updated: user.updated,
            seq: user.seq
        )
    }

    func toldLast(_ id: UserID, named name: Name, room: Int?) -> UserStatus? {
        guard hasStatus(id) else { return nil }
        let visible = touched[id]?.before ?? table[id].visible
        let status = status(of: id, named: name, showing: visible)
        return room.map { status.fitting($0) } ?? status
    }

    /// What is stored of a user; `nil` if nothing is.
    ///
    /// - Parameter isNeeded: whether others refer to the name.
    func record(_ id: UserID, named name: Name?, isNeeded: Bool) -> UserRecord? {
        guard let name, knows(id) || isNeeded else { return nil }
        let user = table[id]
        return UserRecord(
            id: id,
            name: name,
            description: user.visible.description,
            descriptionExpires: user.descriptionExpires,
            cause: user.cause,
            since: user.since,
            updated: user.updated,
            seq: user.seq
        )
    }

    mutating func takeOutcomes() -> [Outcome] {
        guard !outcomes.isEmpty else { return [] }
        taken.removeAll(keepingCapacity: taken.count < 64)
        swap(&taken, &outcomes)
        return taken
    }

    // MARK: - What happens

    mutating func restore(_ record: UserRecord, _ limits: Limits) {
        table.change(record.id) { user in
            user.visible.description = record.description
            user.descriptionExpires = record.descriptionExpires
            (user.cause, user.since) = (record.cause, record.since)
            (user.updated, user.seq) = (record.updated, record.seq)
        }
        schedule(record.id, limits)
    }

    mutating func restore(_ record: DeviceRecord) {
        guard record.status.isOnline else { return }
        table.change(record.user) { $0.visible.show(record.status, of: record.name) }
    }

    /// The operator has changed the limits: every alarm is reckoned anew.
    mutating func change(_ limits: Limits, _ calendar: inout Alarms) {
        for id in table.all where table[id].isKnown {
            guard let wake = table.setWake(id, forgetAfter: limits.forgetAfter) else {
                continue
            }
            calendar.set(.user(id), at: wake)
        }
    }

    /// A device of a user's counts as online with a word, or with `nil` as offline.
    mutating func show(
        _ word: StatusWord?,
        of device: Name,
        _ id: UserID,
        _ departure: Departure? = nil
    ) {
        let place = touch(id)
        if let departure { touched[at: place].departure = departure }
        table.change(id) { $0.visible.show(word, of: device) }
    }

    /// Whether a user may show a device: it shows already, or is not one too many.
    func hasRoom(for device: Name, of id: UserID, _ limits: Limits) -> Bool {
        let devices = table[id].visible.devices
        return devices.count < limits.maxDevices || devices.contains { $0.name == device }
    }

    /// A request sets a description; the change is told with this turn.
    mutating func publish(
        _ description: String,
        of id: UserID,
        until expires: Int64?,
        _ clock: inout SteadyClock,
        _ limits: Limits,
        at now: Instant
    ) {
        undo.append((id, table[id]))
        touch(id)
        table.change(id) {
            $0.visible.description = description
            $0.descriptionExpires = expires
        }
        outcomes.append(.stored(id))
        seal(id, isRequested: true, &clock, limits, at: now)
        touchOrder.removeAll { $0 == id }
    }

    /// Forgets all that is known of a user, though that is not due.
    ///
    /// - Parameter devices: The user's adopted things. They go on showing, so that the user begins anew with them.
    mutating func erase(_ id: UserID, showing devices: [DeviceStatus]) {
        guard table[id].isKnown || isChanging(id) else { return }
        touched.removeValue(under: id)
        touchOrder.removeAll { $0 == id }
        let isForgotten = hasStatus(id)
        table.change(id) { $0 = User() }
        outcomes.append(isForgotten ? .forgotten(id) : .released(id))
        for device in devices { show(device.status, of: device.name, id) }
    }

    mutating func passAlarm(of id: UserID, _ alarm: Int64, _ limits: Limits, at now: Instant) {
        guard awaits(alarm, of: id) else { return }
        table.clearWake(id)
        if let expires = table[id].descriptionExpires, expires * 1_000 <= now.unix {
            touch(id)
            table.change(id) {
                $0.visible.description = ""
                $0.descriptionExpires = nil
            }
            outcomes.append(.stored(id))
        }
        // Of a user who changes in this turn the times are sealed at its end.
        guard !isChanging(id) else { return }
        guard let time = table[id].forgetTime(after: limits.forgetAfter), time <= now.unix
        else { return schedule(id, limits) }
        table.change(id) { $0 = User() }
        outcomes.append(.forgotten(id))
    }

    /// Gives every user who looks different than before its new times and number.
    mutating func seal(_ clock: inout SteadyClock, _ limits: Limits, at now: Instant) {
        for id in touchOrder { seal(id, isRequested: false, &clock, limits, at: now) }
        touchOrder.removeAll(keepingCapacity: true)
    }

    private mutating func seal(
        _ id: UserID,
        isRequested: Bool,
        _ clock: inout SteadyClock,
        _ limits: Limits,
        at now: Instant
    ) {
        guard let touch = touched.removeValue(under: id) else { return }
        guard table[id].visible != touch.before else {
            outcomes.append(.released(id))
            schedule(id, limits)
            return
        }
        let second = clock.second(at: now)
        table.change(id) { $0.change(since: touch, second: second, at: now) }
        outcomes.append(.stored(id))
        schedule(id, limits)
        let difference =
            limits.logsChanges ? Difference(from: touch.before, to: table[id].visible) : nil
        changes.append(
            StatusChange(user: id, isRequested: isRequested, difference: difference)
        )
    }

    /// The store failed: takes back what this turn's requests changed, the last first.
    mutating func takeBack() {
        for step in undo.reversed() {
            var user = step.before
            user.wake = table[step.id].wake
            table.change(step.id) { $0 = user }
            outcomes.append(.released(step.id))
        }
        undo = []
        changes.removeAll(where: \.isRequested)
    }

    /// Whoever was forgotten since has no status to be told or put right.
    mutating func dropForgotten() {
        changes.removeAll { [table] in table[$0.user].seq == 0 }
    }

    /// The turn is over, or was lost with the connection.
    mutating func endTurn() {
        changes.removeAll(keepingCapacity: true)
        undo.removeAll(keepingCapacity: true)
        retained.removeAll()
    }

    mutating func forget(_ id: UserID) { table.change(id) { $0 = User() } }

    // MARK: - What is retained

    /// A connection is made: what is retained is read.
    mutating func connect() { sound = BitSet() }

    /// The connection is gone, and what was known of the broker's limits with it.
    mutating func disconnect() {
        tooLong = TooLong()
        endTurn()
    }

    /// A retained status was found at a connection.
    ///
    /// - Parameters:
    ///   - id: the number of the user, if the name has one.
    ///   - hasReadOnce: whether a connection was read to its end since this process started.
    ///   - storedSecond: the latest second that was told, as the store knows.
    ///   - room: the most bytes of a status; `nil` where every status fits.
    mutating func find(
        _ payload: [UInt8],
        of name: Name,
        _ id: UserID?,
        hasReadOnce: Bool,
        storedSecond: Int64,
        room: Int?,
        _ limits: Limits,
        at now: Instant
    ) -> Finding {
        let known = id.map { table[$0].seq } ?? 0
        // The rule, and sooner written than read.
        if let id, known > 0, told(id, named: name, room: room)?.payload == payload {
            sound.insert(Int(id))
            return .known
        }
        guard let status = UserStatus(reading: payload, of: name) else {
            return known == 0 ? .over : .known
        }
        // What is retained is newer than what is stored only if the store was lost or replaced
        // by an older one: then it is the best that is known. Or the user was forgotten, and the
        // broker has not heard of it.
        guard status.seq > known else {
            if let id, status.seq == known { sound.insert(Int(id)) }
            return .known
        }
        // Whom a process that has read everything does not know it has forgotten, and so has a store that
        // knows of what was told later.
        let isOlder = status.updated.map { $0 <= storedSecond } ?? false
        let isForgotten = known == 0 && (hasReadOnce || isOlder)
        guard !isForgotten, !status.isOver(forgetAfter: limits.forgetAfter, at: now) else {
            return known == 0 ? .over : .known
        }
        return .newer(status)
    }

    /// Takes in a status that is newer than what was known, once its devices show as it says.
    mutating func adopt(_ status: UserStatus, of id: UserID, _ limits: Limits) {
        // A store that was replaced by an older one may hold other devices: that is a change.
        let place = touch(id)
        touched[at: place].before = Visible(
            devices: status.devices,
            description: status.description
        )
        table.change(id) { user in
            user.visible.description = status.description
            (user.cause, user.since) = (status.cause, status.since)
            (user.updated, user.seq) = (status.updated, status.seq)
        }
        outcomes.append(.stored(id))
        schedule(id, limits)
        sound.insert(Int(id))
    }

    /// Everything is read: each status that was not found as it should be is put right.
    ///
    /// - Parameter isTold: whether the watchers are told, too.
    mutating func resend(isTold: Bool) {
        for id in table.all where hasStatus(id) && !sound.contains(Int(id)) {
            changes.append(StatusChange(user: id, isTold: isTold))
        }
        sound = BitSet()
    }

    /// Retains the statuses that have changed.
    ///
    /// Returns how many were written.
    mutating func retain(
        _ payloads: inout StatusPayloads,
        _ names: Names,
        _ packets: PacketLimit,
        shortened: inout Int,
        into effects: inout [Effect]
    ) -> Int {
        var count = 0
        for change in changes where !isRetained(change.user) {
            retained.insert((), under: change.user)
            guard let name = names.name(of: change.user) else { continue }
            if let room = payloads.room {
                let whole = status(of: change.user, named: name)
                if whole.fitting(room) != whole {
                    shortened += 1
                    if let words = tooLong.words(for: whole, room, packets) {
                        effects.append(.log(.error, words))
                    }
                }
            }
            guard let payload = payloads.payload(of: change.user, self, names) else { continue }
            count += 1
            effects.append(.retain(.status(name), payload))
        }
        return count
    }

    // MARK: - Changes

    /// Remembers how a user looked; returns where in ``touched``.
    @discardableResult
    private mutating func touch(_ id: UserID) -> Int {
        if let place = touched.index(of: id) { return place }
        touched.insert(Touch(before: table[id].visible), under: id)
        touchOrder.append(id)
        return touched.count - 1
    }

    private mutating func schedule(_ id: UserID, _ limits: Limits) {
        guard let wake = table.setWake(id, forgetAfter: limits.forgetAfter) else { return }
        outcomes.append(.alarm(id, at: wake))
    }
}
