import Presence

/// A device on its way out: it still counts as online until the grace ends.
struct Departure: Hashable, Sendable {
    /// Why it goes.
    var cause: Cause
    /// The second at which the word came.
    var came: Int64
    /// When the grace ends, in milliseconds of uptime.
    var ends: Int64
    /// Whether it was found on the topic or missing there, which a restart of the broker can cause.
    var isFound = false
    /// Whether the device is forgotten then.
    var forgets = false
}

/// The number of a device, of all devices that were ever heard of.
typealias DeviceNumber = UInt32

/// One device of one user: what it said last, and what it therefore counts as.
///
/// The two differ while a grace runs, while the device is invisible, and while a statement that
/// was found after a restart of the broker waits to be confirmed.
///
///     unknown ──online word──▶ shown ──offline, lost, invisible, nothing──▶ departing
///                              ▲   ▲                                          │   │
///                              │   └────────────── online word ───────────────┘   │ grace ends
///                              └─────────────── online word ◀── hidden ◀──────────┘
struct Device: Hashable, Sendable {
    /// The name, unique within the user.
    let name: Name
    /// What its alarms know it by.
    var number: DeviceNumber = 0
    /// What it said last, or what the bridge declared since.
    private(set) var statement: Statement
    /// The word with which it counts as online.
    private(set) var shown: StatusWord?
    /// Set while a grace runs.
    private(set) var departure: Departure?
    /// The second at which it spoke last.
    private(set) var heard: Int64
    /// When its promise to state something again is broken, in milliseconds of uptime.
    private(set) var ttlEnds: Int64?
    /// Since when it is hidden, in milliseconds of uptime.
    private(set) var hiddenSince: Int64?
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
    /// What was found on its topic after a restart of the broker, and proves nothing yet.
    private(set) var held: Statement?
    /// When it counts as lost unless it has spoken, in milliseconds of uptime: its topic had the will
    /// of a connection that may be newer than the one that is known.
    private(set) var doubtEnds: Int64?
    /// Whether the will of another connection came, and it has not spoken since.
    private(set) var isContradicted = false
    /// What the bridge's verdict overruled, until the verdict is known to have arrived.
    private var overruled: Statement?
    /// The second of the last statement that the store knows of.
    var heardStored: Int64 = 0
    /// When its alarm goes off, in milliseconds of uptime.
    var wake: Int64?

    /// A device of which nothing is known yet.
    init(_ name: Name, epoch: Int64, at now: Instant) {
        self.name = name
        statement = Statement(.offline)
        heard = 0
        hiddenSince = now.uptime
        self.epoch = epoch
    }

    /// A device that was known before a restart of the bridge.
    init(restoring record: DeviceRecord) {
        name = record.name
        statement = Statement(record.status, ttl: record.ttl, session: record.session)
        shown = record.status.isOnline ? record.status : nil
        heard = record.heard
        heardStored = record.heard
        epoch = record.epoch
    }

    /// What the store knows of it, apart from when it spoke.
    struct Noted: Hashable {
        var statement: Statement
        var shown: StatusWord?
        var epoch: Int64
    }

    /// What the store should know of it now.
    var noted: Noted { Noted(statement: statement, shown: shown, epoch: epoch) }

    /// Whether it has ever spoken.
    var isKnown: Bool { heard > 0 }

    /// Whether it is hidden, and something was found that would have it online.
    var isHeld: Bool { shown == nil && held != nil }

    /// Whether the will of another connection came, which may be a newer one.
    var isInDoubt: Bool { doubtEnds != nil || isContradicted }

    /// What hearing a statement led to.
    enum Hearing: Hashable {
        /// The will of an old connection: the statement before it is to be put back.
        case stale
        /// Nothing that others can see, now or later.
        case unseen
        /// It came online.
        case came
        /// It is online with another word.
        case changed
        /// It was on its way out and is back with its old word: nobody is told.
        case returned
        /// A grace has begun.
        case departing
    }

    /// Hears a statement of the device or of its will.
    mutating func hear(
        _ said: Statement,
        isFound: Bool = false,
        limits: Limits,
        second: Int64,
        at now: Instant
    ) -> Hearing {
        if isStale(said) {
            isContradicted = true
            return .stale
        }
        let before = shown
        adopt(said, second: second, at: now)
        guard said.status.isOnline else {
            return depart(
                said.cause ?? (said.status == .lost ? .lost : .logout),
                isFound: isFound,
                limits: limits,
                second: second,
                at: now
            )
        }
        let wasDeparting = departure != nil
        departure = nil
        hiddenSince = nil
        shown = said.status
        if before == nil { return .came }
        if before != shown { return .changed }
        return wasDeparting ? .returned : .unseen
    }

    /// Learns of a connection that it has begun, of whose statement nothing else is known any more.
    mutating func begin(_ session: String) { statement.session = session }

    /// Hears that the topic was emptied: a logout after which the device is no longer remembered.
    mutating func hearNothing(
        isFound: Bool = false,
        limits: Limits,
        second: Int64,
        at now: Instant
    ) -> Hearing {
        if !isFound { heard = second }
        ttlEnds = nil
        held = nil
        statement = Statement(.offline, session: statement.session)
        let hearing = depart(
            .logout,
            isFound: isFound,
            limits: limits,
            second: second,
            at: now
        )
        departure?.forgets = true
        return hearing
    }

    /// Whether a statement is the will of another connection than the device's current one.
    func isStale(_ said: Statement) -> Bool {
        guard said.status == .lost, let session = said.session, let current = statement.session
        else { return false }
        return session != current && session != held?.session
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

    /// Whether a statement that is found is the one that a verdict overruled which never arrived.
    func wasOverruled(_ found: Statement) -> Bool {
        guard let overruled else { return false }
        return found.status == overruled.status && found.ttl == overruled.ttl
            && found.session == overruled.session
    }

    /// The verdict has arrived.
    mutating func confirmVerdict() { overruled = nil }

    /// Takes note of a statement found after a restart of the broker, which may be an old copy.
    mutating func hold(_ found: Statement) {
        held = found
    }

    /// Keeps a suspect online beyond its short grace, since a broker that stops sends every will
    /// and may forget topics, and beyond its promise, which it could not keep meanwhile.
    mutating func suspend() {
        if let going = departure, going.cause == .lost || going.isFound {
            if going.isFound, !going.forgets { held = statement }
            departure = nil
        }
        ttlEnds = nil
        doubtEnds = nil
    }

    /// Gives it until a time to speak.
    mutating func doubt(until uptime: Int64) {
        isContradicted = false
        doubtEnds = min(doubtEnds ?? uptime, uptime)
    }

    /// It has been there since its grace began, though what it said then was overtaken.
    mutating func comeBack() {
        departure = nil
        endDoubt()
    }

    /// It has spoken.
    mutating func endDoubt() {
        doubtEnds = nil
        isContradicted = false
    }

    /// Drops what was found and never confirmed.
    mutating func dropHeld() { held = nil }

    /// Starts the ttl anew.
    mutating func restartTTL(at now: Instant) {
        guard shown != nil || statement.status == .invisible else { return }
        ttlEnds = statement.ttl.map { now.uptime + $0 * 1_000 }
    }

    /// What came due at a moment.
    enum Due: Hashable {
        /// Nothing.
        case nothing
        /// The device counts as gone now.
        case gone(Departure)
        /// Its topic had the will of another connection, and it has not spoken since.
        case silent(Departure)
        /// A hidden device has broken its promise, which nobody can see.
        case lapsed
        /// The device has been hidden so long that it is forgotten.
        case forgotten
    }

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

    /// Whether something has come due.
    func isDue(limits: Limits, at now: Instant) -> Bool {
        nextDue(forgetAfter: limits.deviceForgetAfter).map { $0 <= now.uptime } ?? false
    }

    /// When something comes due next, in milliseconds of uptime.
    func nextDue(forgetAfter: Duration) -> Int64? {
        var next = Int64.max
        if let ttlEnds { next = ttlEnds }
        if let departure { next = min(next, departure.ends) }
        if let doubtEnds { next = min(next, doubtEnds) }
        if let forget = forgetAt(forgetAfter) { next = min(next, forget) }
        return next == .max ? nil : next
    }

    /// Sets the alarm for what comes due next; `nil` if one that is as early is set already.
    mutating func setWake(forgetAfter: Duration) -> Int64? {
        guard let due = nextDue(forgetAfter: forgetAfter), wake ?? .max > due else { return nil }
        wake = due
        return due
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

    private func forgetAt(_ forgetAfter: Duration) -> Int64? {
        hiddenSince.map { $0 + forgetAfter.milliseconds }
    }

    /// It was hidden before a restart of the bridge: the time of forgetting begins anew.
    mutating func resumeHidden(at now: Instant) {
        if shown == nil, hiddenSince == nil { hiddenSince = now.uptime }
    }

    /// Hides the device; the statement is the bridge's verdict, where it is one.
    ///
    /// Without one, what its topic was found to hold after a restart of the broker is still to be
    /// confirmed, or put right.
    mutating func hide(verdict: Statement? = nil, at now: Instant) {
        if var verdict {
            // What the device says next without a session is still of this one.
            if verdict.cause != nil { verdict.session = statement.session }
            overruled = statement
            statement = verdict
            ttlEnds = nil
            held = nil
        }
        shown = nil
        departure = nil
        endDoubt()
        hiddenSince = now.uptime
    }

    private mutating func adopt(_ said: Statement, second: Int64, at now: Instant) {
        let session = said.session ?? statement.session
        statement = Statement(said.status, ttl: said.ttl, session: session)
        heard = second
        overruled = nil
        held = nil
        endDoubt()
        // What is not connected promises nothing.
        if said.status == .offline || said.status == .lost {
            ttlEnds = nil
        } else {
            ttlEnds = said.ttl.map { now.uptime + $0 * 1_000 }
        }
    }

    private mutating func depart(
        _ cause: Cause,
        isFound: Bool,
        limits: Limits,
        second: Int64,
        at now: Instant
    ) -> Hearing {
        guard shown != nil, departure == nil else { return .unseen }
        let grace: Duration =
            switch cause {
            case .lost: limits.offlineGrace
            case .logout: limits.logoutGrace
            case .ttl, .restart: .zero
            }
        departure = Departure(
            cause: cause,
            came: second,
            ends: now.uptime + grace.milliseconds,
            isFound: isFound
        )
        return .departing
    }
}
