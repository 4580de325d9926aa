import Presence

/// The number of a device, of all devices that were ever heard of.
typealias DeviceNumber = UInt32

/// One device of one user: what it said last, and what it therefore counts as.
///
/// The two differ while a grace runs, while the device is invisible, and while a statement that
/// was found after a restart of the broker waits to be confirmed.
///
///     hidden ──online word──▶ shown ──offline, lost, invisible, nothing──▶ shown, departing
///        ▲                      ▲                                           │        │
///        │                      └──────────────── online word ──────────────┘        │
///        └──────────────────────────────── grace ends ───────────────────────────────┘
struct Device: Hashable, Sendable {
    /// What a device counts as.
    private enum State: Hashable {
        /// It counts as offline.
        case hidden(Hidden)
        /// It counts as online with a word; while a grace runs, with its departure.
        case shown(StatusWord, Certainty, Departure?)
    }

    /// What is known of a device that counts as offline.
    private struct Hidden: Hashable {
        /// In milliseconds of uptime; `nil` where it was so before a restart of the bridge.
        var since: Int64?
        /// What the bridge's verdict overruled, until the verdict is known to have arrived.
        var overruled: Statement?
        /// Whether the will of another connection came, and it has not spoken since.
        var isContradicted = false
    }

    /// How sure it is that a device that counts as online is there.
    private enum Certainty: Hashable {
        case sure
        /// The will of another connection came, and it has not spoken since.
        case contradicted
        /// It was asked, and counts as lost unless it has spoken until then, in milliseconds of
        /// uptime: its topic had the will of a connection that may be newer than the one known.
        case asked(until: Int64)
    }

    /// The name, unique within the user.
    let name: Name
    /// What its alarms know it by.
    var number: DeviceNumber = 0
    /// What it said last, or what the bridge declared since.
    private(set) var statement: Statement
    private var state: State
    /// The second at which it spoke last.
    private(set) var heard: Int64
    /// When its promise to state something again is broken, in milliseconds of uptime.
    private(set) var ttlEnds: Int64?
    /// What was found on its topic after a restart of the broker, and proves nothing yet.
    private(set) var unproven: Statement?
    /// The epoch of the broker in which it spoke last.
    var epoch: Int64
    /// The connection to the broker over which it spoke last; 0 for none of this process.
    var connection: UInt32 = 0
    /// The reading that found its topic last.
    var reading: UInt32 = 0
    /// Whether it counts as online by what was found after a restart of the broker alone.
    var isTakenAtWord = false
    /// Whether what was found there last was written by the bridge.
    var isFoundOwn = false
    /// The second of the last statement that the store knows of.
    private var heardStored: Int64 = 0
    /// When its alarm goes off, in milliseconds of uptime.
    var wake: Int64?

    /// A device of which nothing is known yet.
    init(_ name: Name, epoch: Int64, at now: Instant) {
        self.name = name
        statement = Statement(.offline)
        state = .hidden(Hidden(since: now.uptime))
        heard = 0
        self.epoch = epoch
    }

    /// A device that was known before a restart of the bridge.
    init(restoring record: DeviceRecord) {
        name = record.name
        statement = Statement(record.status, ttl: record.ttl, session: record.session)
        state =
            record.status.isOnline
            ? .shown(record.status, .sure, nil) : .hidden(Hidden())
        heard = record.heard
        heardStored = record.heard
        epoch = record.epoch
    }

    // MARK: - What it counts as

    /// The word with which it counts as online.
    var shown: StatusWord? {
        if case .shown(let word, _, _) = state { word } else { nil }
    }

    /// Set while a grace runs.
    var departure: Departure? {
        if case .shown(_, _, let departure) = state { departure } else { nil }
    }

    /// When it counts as lost unless it has spoken, in milliseconds of uptime.
    var doubtEnds: Int64? {
        if case .shown(_, .asked(let until), _) = state { until } else { nil }
    }

    /// Whether the will of another connection came, and it has not spoken since.
    var isContradicted: Bool {
        switch state {
        case .hidden(let hidden): hidden.isContradicted
        case .shown(_, .contradicted, _): true
        case .shown: false
        }
    }

    /// Whether the will of another connection came, which may be a newer one.
    var isInDoubt: Bool { doubtEnds != nil || isContradicted }

    /// Since when it is hidden, in milliseconds of uptime.
    var hiddenSince: Int64? {
        if case .hidden(let hidden) = state { hidden.since } else { nil }
    }

    /// Whether its topic is to be empty.
    var isForgetting: Bool { departure?.forgets == true }

    /// Whether it has ever spoken.
    var isKnown: Bool { heard > 0 }

    /// Whether it is hidden, and something was found that would have it online.
    var isHeld: Bool { shown == nil && unproven != nil }

    /// What the store should know of it now.
    var noted: Noted { Noted(statement: statement, shown: shown, epoch: epoch) }

    // MARK: - What it says

    /// Hears a statement of the device or of its will.
    mutating func hear(
        _ said: Statement,
        isFound: Bool = false,
        limits: Limits,
        second: Int64,
        at now: Instant
    ) -> Hearing {
        if isStale(said) {
            contradict()
            return .stale
        }
        statement = Statement(
            said.status,
            ttl: said.ttl,
            session: said.session ?? statement.session
        )
        heard = second
        unproven = nil
        // What is not connected promises nothing.
        let isConnected = said.status != .offline && said.status != .lost
        ttlEnds = isConnected ? said.ttl.map { now.uptime + $0 * 1_000 } : nil
        guard !said.status.isOnline else {
            state = .shown(said.status, .sure, nil)
            return .heard
        }
        endDoubt()
        confirmVerdict()
        let cause = said.cause ?? (said.status == .lost ? .lost : .logout)
        return depart(cause, isFound: isFound, limits: limits, second: second, at: now)
    }

    private mutating func contradict() {
        switch state {
        case .hidden(var hidden):
            hidden.isContradicted = true
            state = .hidden(hidden)
        case .shown(let word, .sure, let departure): state = .shown(word, .contradicted, departure)
        case .shown: break
        }
    }

    /// Hears that the topic was emptied: a logout after which the device is no longer remembered.
    mutating func hearNothing(
        isFound: Bool = false,
        limits: Limits,
        second: Int64,
        at now: Instant
    ) {
        if !isFound { heard = second }
        ttlEnds = nil
        unproven = nil
        statement = Statement(.offline, session: statement.session)
        _ = depart(.logout, isFound: isFound, limits: limits, second: second, at: now)
        if case .shown(let word, let certainty, var departure?) = state {
            departure.forgets = true
            state = .shown(word, certainty, departure)
        }
    }

    private mutating func depart(
        _ cause: Cause,
        isFound: Bool,
        limits: Limits,
        second: Int64,
        at now: Instant
    ) -> Hearing {
        guard case .shown(let word, let certainty, nil) = state else { return .heard }
        let grace: Duration =
            switch cause {
            case .lost: limits.offlineGrace
            case .logout: limits.logoutGrace
            case .ttl, .restart: .zero
            }
        let ends = now.uptime + grace.milliseconds
        let departure = Departure(cause: cause, came: second, ends: ends, isFound: isFound)
        state = .shown(word, certainty, departure)
        return .departing
    }

    /// Learns of a connection that it has begun, of whose statement nothing else is known any more.
    mutating func begin(_ session: String) { statement.session = session }

    /// It has been there since its grace began, though what it said then was overtaken.
    mutating func comeBack() {
        if case .shown(let word, _, _) = state { state = .shown(word, .sure, nil) }
        endDoubt()
    }

    /// Whether a statement is the will of another connection than the device's current one.
    func isStale(_ said: Statement) -> Bool {
        guard said.status == .lost, let session = said.session, let current = statement.session
        else { return false }
        return session != current && session != unproven?.session
    }

    /// Whether a statement found on the topic is the one that is known.
    func matches(_ found: Statement) -> Bool {
        found.status == statement.status && found.ttl == statement.ttl
            && (found.session ?? statement.session) == statement.session
    }

    /// Whether the device still counts as online, with no grace running, though this is what it said:
    /// a restart of the broker put the question off whether the word was an old copy.
    func isAwaited(by found: Statement) -> Bool {
        shown != nil && departure == nil && !found.status.isOnline
    }

    // MARK: - What is doubted

    /// Whether a statement that is found is the one that a verdict overruled which never arrived.
    func wasOverruled(_ found: Statement) -> Bool {
        guard case .hidden(let hidden) = state, let overruled = hidden.overruled else {
            return false
        }
        return found.status == overruled.status && found.ttl == overruled.ttl
            && found.session == overruled.session
    }

    /// The verdict has arrived.
    mutating func confirmVerdict() {
        guard case .hidden(var hidden) = state else { return }
        hidden.overruled = nil
        state = .hidden(hidden)
    }

    /// Takes note of a statement found after a restart of the broker, which may be an old copy.
    mutating func hold(_ found: Statement) { unproven = found }

    /// Drops what was found and never confirmed.
    mutating func dropUnproven() { unproven = nil }

    /// Keeps a suspect online beyond its short grace, since a broker that stops sends every will
    /// and may forget topics, and beyond its promise, which it could not keep meanwhile.
    mutating func suspend() {
        ttlEnds = nil
        guard case .shown(let word, var certainty, var departure) = state else { return }
        if let going = departure, going.cause == .lost || going.isFound {
            if going.isFound, !going.forgets { unproven = statement }
            departure = nil
        }
        if case .asked = certainty { certainty = .sure }
        state = .shown(word, certainty, departure)
    }

    /// Gives it until a time to speak, if it counts as online.
    mutating func doubt(until uptime: Int64) {
        guard case .shown(let word, let certainty, let departure) = state else { return }
        var until = uptime
        if case .asked(let earlier) = certainty { until = min(earlier, until) }
        state = .shown(word, .asked(until: until), departure)
    }

    /// Gives it, if it is in doubt, until a time at least.
    mutating func prolongDoubt(until uptime: Int64) {
        guard case .shown(let word, .asked(let earlier), let departure) = state else { return }
        state = .shown(word, .asked(until: max(earlier, uptime)), departure)
    }

    /// It has spoken.
    mutating func endDoubt() {
        switch state {
        case .hidden(var hidden):
            hidden.isContradicted = false
            state = .hidden(hidden)
        case .shown(let word, _, let departure): state = .shown(word, .sure, departure)
        }
    }

    // MARK: - Time

    /// Lets a moment pass.
    mutating func pass(limits: Limits, at now: Instant) -> Due {
        if let ttlEnds, ttlEnds <= now.uptime {
            self.ttlEnds = nil
            if shown == nil { return .lapsed }
            // A device on its way out is as if it had logged out already.
            if departure == nil {
                return .gone(Departure(cause: .ttl, came: heard, ends: ttlEnds))
            }
        }
        if let departure, departure.ends <= now.uptime { return .gone(departure) }
        if let doubtEnds, doubtEnds <= now.uptime {
            return .silent(Departure(cause: .lost, came: heard, ends: doubtEnds))
        }
        if let forget = forgetAt(limits.deviceForgetAfter), forget <= now.uptime {
            return .forgotten
        }
        return .nothing
    }

    /// When something comes due next, in milliseconds of uptime.
    func nextDue(forgetAfter: Duration) -> Int64? {
        var next = ttlEnds ?? .max
        switch state {
        case .hidden: if let forget = forgetAt(forgetAfter) { next = min(next, forget) }
        case .shown(_, let certainty, let departure):
            if let departure { next = min(next, departure.ends) }
            if case .asked(let until) = certainty { next = min(next, until) }
        }
        return next == .max ? nil : next
    }

    /// Sets the alarm for what comes due next; `nil` if one that is as early is set already.
    mutating func setWake(forgetAfter: Duration) -> Int64? {
        guard let due = nextDue(forgetAfter: forgetAfter), wake ?? .max > due else { return nil }
        wake = due
        return due
    }

    private func forgetAt(_ forgetAfter: Duration) -> Int64? {
        hiddenSince.map { $0 + forgetAfter.milliseconds }
    }

    /// Starts the ttl anew.
    mutating func restartTTL(at now: Instant) {
        guard shown != nil || statement.status == .invisible else { return }
        ttlEnds = statement.ttl.map { now.uptime + $0 * 1_000 }
    }

    /// It was hidden before a restart of the bridge: the time of forgetting begins anew.
    mutating func resumeHidden(at now: Instant) {
        guard case .hidden(var hidden) = state, hidden.since == nil else { return }
        hidden.since = now.uptime
        state = .hidden(hidden)
    }

    /// Hides the device; the statement is the bridge's verdict, where it is one.
    ///
    /// Without one, what its topic was found to hold after a restart of the broker is still to be
    /// confirmed, or put right.
    mutating func hide(verdict: Statement? = nil, at now: Instant) {
        var overruled: Statement?
        if case .hidden(let before) = state { overruled = before.overruled }
        if var verdict {
            // What the device says next without a session is still of this one.
            if verdict.cause != nil { verdict.session = statement.session }
            overruled = statement
            statement = verdict
            ttlEnds = nil
            unproven = nil
        }
        state = .hidden(Hidden(since: now.uptime, overruled: overruled))
    }

    /// Whether the store must learn of it, which from here on counts as done.
    mutating func takeChange(since before: Noted, staleness: Int64) -> Bool {
        guard
            heard - heardStored >= staleness || epoch != before.epoch || shown != before.shown
                || statement != before.statement
        else { return false }
        heardStored = heard
        return true
    }
}
