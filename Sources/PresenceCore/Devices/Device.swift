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
    private enum State: Hashable {
        case hidden(Hidden)
        case shown(Shown)
    }

    private struct Hidden: Hashable {
        /// In milliseconds of uptime; `nil` where it was so before a restart of the bridge.
        @Compact var since: Int64? = nil
        /// Whether the will of another connection came, and it has not spoken since.
        var isContradicted = false
    }

    private struct Shown: Hashable {
        var certainty = Certainty.sure
        /// Set while a grace runs.
        var departure: Departure?
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

    let name: Name
    /// What its alarms know it by.
    var number: DeviceNumber = 0
    /// What it said last, or what the bridge declared since.
    private(set) var statement: Statement
    private var state: State
    /// The word with which it counts as online, while it does.
    private var word: StatusWord
    /// What the bridge's verdict overruled, until the verdict is known to have arrived.
    private var overruled = Rare<Statement>.none
    /// The second at which it spoke last.
    private(set) var heard: Int64
    /// When its promise to state something again is broken, in milliseconds of uptime.
    @Compact private(set) var ttlEnds: Int64? = nil
    private var found = Rare<Statement>.none
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
    @Compact var wake: Int64? = nil

    init(_ name: Name, epoch: Int64, at now: Instant) {
        self.name = name
        statement = Statement(.offline)
        state = .hidden(Hidden(since: now.uptime))
        word = .offline
        heard = 0
        self.epoch = epoch
    }

    init(restoring record: DeviceRecord) {
        name = record.name
        statement = Statement(record.status, ttl: record.ttl, session: record.session)
        state = record.status.isOnline ? .shown(Shown()) : .hidden(Hidden())
        word = record.status
        heard = record.heard
        heardStored = record.heard
        epoch = record.epoch
    }

    // MARK: - What it counts as

    /// The word with which it counts as online.
    var shown: StatusWord? { isShown ? word : nil }

    /// Whether it counts as online.
    var isShown: Bool {
        if case .shown = state { true } else { false }
    }

    var departure: Departure? {
        if case .shown(let shown) = state { shown.departure } else { nil }
    }

    /// When it counts as lost unless it has spoken, in milliseconds of uptime.
    var doubtEnds: Int64? {
        guard case .shown(let shown) = state, case .asked(let until) = shown.certainty
        else { return nil }
        return until
    }

    var isContradicted: Bool {
        switch state {
        case .hidden(let hidden): hidden.isContradicted
        case .shown(let shown): shown.certainty == .contradicted
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

    /// What was found on its topic after a restart of the broker, and proves nothing yet.
    var unproven: Statement? {
        get { found.value }
        set { found.value = newValue }
    }

    /// Whether it is hidden, and something was found that would have it online.
    var awaitsProof: Bool { !isShown && unproven != nil }

    private mutating func changeHidden(_ change: (inout Hidden) -> Void) {
        guard case .hidden(var hidden) = state else { return }
        change(&hidden)
        state = .hidden(hidden)
    }

    private mutating func changeShown(_ change: (inout Shown) -> Void) {
        guard case .shown(var shown) = state else { return }
        change(&shown)
        state = .shown(shown)
    }

    // MARK: - What it says

    /// What hearing a statement led to.
    enum Hearing: Hashable {
        /// It is the will of an old connection: the statement before it is to be put back.
        case stale
        /// A grace has begun.
        case departing
        /// Anything else.
        case heard
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
            changeHidden { $0.isContradicted = true }
            changeShown { if $0.certainty == .sure { $0.certainty = .contradicted } }
            return .stale
        }
        statement.take(said)
        heard = second
        unproven = nil
        // What is not connected promises nothing.
        let isConnected = said.status != .offline && said.status != .lost
        ttlEnds = isConnected ? said.ttl.map { now.uptime + $0 * 1_000 } : nil
        guard !said.status.isOnline else {
            show(said.status)
            return .heard
        }
        endDoubt()
        confirmVerdict()
        let cause = said.cause ?? (said.status == .lost ? .lost : .logout)
        return depart(cause, isFound: isFound, limits: limits, second: second, at: now)
    }

    private mutating func show(_ word: StatusWord) {
        state = .shown(Shown())
        self.word = word
        overruled = .none
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
        changeShown { $0.departure?.forgets = true }
    }

    private mutating func depart(
        _ cause: Cause,
        isFound: Bool,
        limits: Limits,
        second: Int64,
        at now: Instant
    ) -> Hearing {
        guard isShown, departure == nil else { return .heard }
        let grace: Duration =
            switch cause {
            case .lost: limits.offlineGrace
            case .logout: limits.logoutGrace
            case .ttl, .restart: .zero
            }
        let ends = now.uptime + grace.milliseconds
        let departure = Departure(cause: cause, came: second, ends: ends, isFound: isFound)
        changeShown { $0.departure = departure }
        return .departing
    }

    /// Learns of a connection that it has begun, of whose statement nothing else is known any more.
    mutating func begin(_ session: String) { statement.session = session }

    /// It has been there since its grace began, though what it said then was overtaken.
    mutating func comeBack() {
        endDoubt()
        changeShown { $0.departure = nil }
    }

    // MARK: - What is doubted

    /// Learns why an earlier process has declared it gone, by what that wrote to the topic: the store has the
    /// word alone.
    mutating func learnVerdict(_ cause: Cause?) {
        if shown == nil, statement.cause == nil { statement.cause = cause }
    }

    /// Whether a statement that is found is the one that a verdict overruled which never arrived.
    func wasOverruled(_ found: Statement) -> Bool {
        guard let overruled = overruled.value else { return false }
        return found.status == overruled.status && found.ttl == overruled.ttl
            && found.session == overruled.session
    }

    mutating func confirmVerdict() { overruled = .none }

    /// What is on its topic, unless the bridge's verdict or an emptying has arrived there.
    var said: Statement? { overruled.value ?? (isForgetting ? nil : unproven ?? statement) }

    /// Keeps a suspect online beyond its short grace, since a broker that stops sends every will
    /// and may forget topics, and beyond its promise, which it could not keep meanwhile.
    mutating func suspend() {
        ttlEnds = nil
        guard case .shown(var shown) = state else { return }
        if let going = shown.departure, going.cause == .lost || going.isFound {
            if going.isFound, !going.forgets { unproven = statement }
            shown.departure = nil
        }
        if doubtEnds != nil { shown.certainty = .sure }
        state = .shown(shown)
    }

    mutating func doubt(until uptime: Int64) {
        let until = min(doubtEnds ?? uptime, uptime)
        changeShown { $0.certainty = .asked(until: until) }
    }

    /// Gives it, if it is in doubt, until a time at least.
    mutating func prolongDoubt(until uptime: Int64) {
        guard let earlier = doubtEnds else { return }
        changeShown { $0.certainty = .asked(until: max(earlier, uptime)) }
    }

    mutating func endDoubt() {
        changeHidden { $0.isContradicted = false }
        changeShown { $0.certainty = .sure }
    }

    // MARK: - Time

    /// What came due at a moment.
    enum Due: Hashable {
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

    mutating func pass(limits: Limits, at now: Instant) -> Due {
        if let ttlEnds, ttlEnds <= now.uptime {
            self.ttlEnds = nil
            if !isShown { return .lapsed }
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

    func nextDue(forgetAfter: Duration) -> Int64? {
        let least = min(ttlEnds ?? .max, forgetAt(forgetAfter) ?? .max)
        let next = min(least, departure?.ends ?? .max, doubtEnds ?? .max)
        return next == .max ? nil : next
    }

    /// Sets the alarm for what comes due next; `nil` if one that is as early is set already.
    mutating func setWake(forgetAfter: Duration) -> Int64? {
        wake.bringForward(to: nextDue(forgetAfter: forgetAfter))
    }

    private func forgetAt(_ forgetAfter: Duration) -> Int64? {
        hiddenSince.map { $0 + forgetAfter.milliseconds }
    }

    mutating func restartTTL(at now: Instant) {
        guard isShown || statement.status == .invisible else { return }
        ttlEnds = nil
        guard let ttl = statement.ttl else { return }
        // What an operator stated ends when it was to end, whatever was started again since.
        let passed = statement.isOperatorLong ? min(max(0, now.second - heard), ttl) : 0
        ttlEnds = now.uptime + (ttl - passed) * 1_000
    }

    /// It was hidden before a restart of the bridge: the time of forgetting begins anew.
    mutating func resumeHidden(at now: Instant) {
        changeHidden { $0.since = $0.since ?? now.uptime }
    }

    /// Hides the device; the statement is the bridge's verdict, where it is one.
    ///
    /// Without one, what its topic was found to hold after a restart of the broker is still to be
    /// confirmed, or put right.
    mutating func hide(verdict: Statement? = nil, at now: Instant) {
        if var verdict {
            // What the device says next without a session is still of this one.
            if verdict.cause != nil { verdict.session = statement.session }
            overruled = .some(statement)
            statement = verdict
            ttlEnds = nil
            unproven = nil
        }
        state = .hidden(Hidden(since: now.uptime))
    }

    // MARK: - What is stored

    /// What the store knows of it, apart from when it spoke.
    struct Noted: Hashable {
        var statement: Statement
        var shown: StatusWord?
        var epoch: Int64
        /// For the log alone.
        var grace: Grace?
    }

    /// What the store should know of it now.
    var noted: Noted { Noted(statement: statement, shown: shown, epoch: epoch, grace: grace) }

    /// Whether the store must learn of it, which from here on counts as done.
    mutating func takeChange(since before: Noted, staleness: Int64) -> Bool {
        // One by one, since to compare what is noted would copy it first.
        guard
            heard - heardStored >= staleness || epoch != before.epoch || shown != before.shown
                || statement != before.statement
        else { return false }
        heardStored = heard
        return true
    }
}
