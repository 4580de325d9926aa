import Presence

/// A thing that publishes its availability in its own way, as a device of a user: what it said last, and what
/// it therefore counts as.
///
/// The two differ while a grace runs, while its gateway is away, and while it has not kept a promise. Its topic is
/// not ours, so that no verdict is written there: a word that is found again means nothing new.
struct AdoptedDevice: Sendable {
    /// What counts for more than a word that a thing is there.
    enum Overruling: Hashable, Sendable {
        /// It has not kept its promise. Its word is found again as it was, and is no sign of life.
        case promise
        /// It did not speak after a restart of the broker.
        case restart
    }

    /// What only few things have.
    private struct Rarity {
        /// Until which Unix second it sleeps from its next gone word on.
        @Compact var sleepEnds: Int64? = nil
        /// When the connection was made that it speaks of, in milliseconds since 1970.
        @Compact var connected: Int64? = nil
        var departure: Departure?

        var isEmpty: Bool { sleepEnds == nil && connected == nil && departure == nil }
    }

    // There may be a quarter of a million of them: what is small stands together.

    let name: Name
    /// The topic that its word is retained on; empty where that is not known, or nothing is retained.
    var topic = ""
    /// What it said last; `lost` for what has never spoken.
    private(set) var said = StatusWord.lost
    /// The word with which it counts as online, while it does.
    private(set) var shown: StatusWord?
    /// What its alarms know it by.
    var number: DeviceNumber = 0
    /// The gateway that it stands behind; 0 for none.
    var gateway: GatewayNumber = 0
    /// The number under which discovery messages have described it; 0 if none have.
    var discovered: DiscoveredNumber = 0
    private var lineNumber: UInt32 = 0
    /// The connection to the broker over which it spoke last; 0 for none of this process.
    var connection: UInt32 = 0
    /// The reading that found its topic last, and the one that found last whether it is well.
    var reading: ReadingID = 0
    private var errorReading: ReadingID = 0
    /// Whether it must speak anew when its gateway is back.
    var startsAnew = false
    /// Whether something was found retained of it, where discovery messages describe it.
    var isKept = false
    /// Whether it was found, and nothing has said yet which gateway it stands behind.
    var awaitsGateway = false
    /// Whether it has said that it is not well.
    private(set) var isIll = false
    /// Whether it was found until when it sleeps, and not heard.
    private var isSleepFound = false
    /// Whether its word is retained, so that a reading of everything finds it.
    var isReadAgain = false
    /// Why it counts as gone in spite of what it said last, if so.
    private(set) var overruled: Overruling?
    /// For how long a word or a sign of life holds, in milliseconds; 0 for as long as nothing else is said.
    var ttl: Int64 = 0
    /// The second at which it spoke last; 0 for never.
    private(set) var heard: Int64 = 0
    private var heardStored: Int64 = 0
    /// When it counts as lost unless it has spoken, in milliseconds of uptime.
    @Compact private(set) var ttlEnds: Int64? = nil
    /// Since when it is hidden, in milliseconds of uptime.
    @Compact private var hiddenSince: Int64? = nil
    /// When its alarm goes off, in milliseconds of uptime.
    @Compact var wake: Int64? = nil
    /// The epoch of the broker in which it spoke last.
    var epoch: Int64
    private var rarity = Rare<Rarity>.none

    /// A thing that has not spoken yet.
    init(_ name: Name, epoch: Int64, at now: Instant) {
        self.name = name
        self.epoch = epoch
        hiddenSince = now.uptime
    }

    init(restoring record: DeviceRecord) {
        name = record.name
        epoch = record.epoch
        heard = record.heard
        heardStored = record.heard
        said = record.status
        shown = record.status.isOnline ? record.status : nil
        guard record.status == .lost, record.ttl != nil else { return }
        // Its topic says that it is there.
        (said, overruled) = (.online, .promise)
    }

    /// The number of the line that it was adopted by.
    var line: Int {
        get { Int(lineNumber) }
        set { lineNumber = UInt32(clamping: newValue) }
    }

    /// Until which Unix second it sleeps from its next gone word on.
    private(set) var sleepEnds: Int64? {
        get { rarity.value?.sleepEnds }
        set { changeRarity { $0.sleepEnds = newValue } }
    }

    /// When the connection was made that it speaks of, in milliseconds since 1970.
    var connected: Int64? {
        get { rarity.value?.connected }
        set { changeRarity { $0.connected = newValue } }
    }

    /// Set while a grace runs.
    private(set) var departure: Departure? {
        get { rarity.value?.departure }
        set { changeRarity { $0.departure = newValue } }
    }

    private mutating func changeRarity(_ change: (inout Rarity) -> Void) {
        let before = rarity.value
        var rarity = before ?? Rarity()
        change(&rarity)
        // Most of them have nothing of it, and get nothing.
        if before == nil, rarity.isEmpty { return }
        self.rarity.value = rarity.isEmpty ? nil : rarity
    }

    /// Whether a word that is found may be a copy from before the last restart of the broker.
    func isDoubtful(_ known: Evidence) -> Bool { epoch < known.epoch }

    /// Whether it has spoken since the restart of the broker that was just noticed.
    func hasSpoken(_ known: Evidence) -> Bool {
        if connection == known.connection { return true }
        // It was found at this connection, before the restart was known.
        return known.connectionReading > 0 && reading >= known.connectionReading
            && departure == nil && known.kept != .older
    }

    /// Whether its topic should have been found by a reading and was not.
    func isMissing(in id: ReadingID, _ known: Evidence) -> Bool {
        isReadAgain && reading < id && !isDoubtful(known) && (shown != nil || said.isOnline)
    }

    /// Notes whether it is well, as it was heard, or found by a reading.
    mutating func note(isIll: Bool, in id: ReadingID) { (self.isIll, errorReading) = (isIll, id) }

    /// Whether a whole reading has found it and no error of it any more.
    func isWellAgain(in id: ReadingID, _ known: Evidence) -> Bool {
        isIll && errorReading < id && reading >= id && !isDoubtful(known)
    }

    /// Whether it sleeps and has said when it wakes: what it cannot say meanwhile proves nothing.
    func isAsleep(at now: Instant) -> Bool {
        guard shown != nil, !said.isOnline, let sleepEnds else { return false }
        return sleepEnds * 1_000 > now.unix
    }

    /// Whether it would be online if nothing but its word counted.
    var wouldShow: Bool { said.isOnline && overruled == nil }

    // MARK: - What it says

    /// Takes a word.
    mutating func say(_ word: StatusWord, at now: Instant) {
        said = word
        overruled = nil
        // Whoever is awake before the time says anew when it sleeps.
        if word.isOnline { sleepEnds = nil }
        restartTTL(at: now)
    }

    /// Notes until which Unix second it sleeps from its next gone word on.
    mutating func sleeps(until second: Int64, isFound: Bool) {
        (sleepEnds, isSleepFound) = (second, isFound)
    }

    /// Notes that it spoke, as it was heard live.
    mutating func spoke(_ second: Int64, _ known: Evidence) {
        // Before it sleeps it says so: what was found is of an earlier sleep.
        if isSleepFound { sleepEnds = nil }
        heard = second
        connection = known.connection
        epoch = known.epoch
        reading = known.lastReading
    }

    /// Notes when its word is first known, where it was found.
    mutating func wasFound(_ second: Int64) {
        if heard == 0 { heard = second }
    }

    /// Its promise begins anew.
    mutating func restartTTL(at now: Instant) {
        ttlEnds = ttl > 0 && wouldShow ? now.uptime + ttl : nil
    }

    /// Takes back what only a promise that was broken has made of it.
    mutating func revive(at now: Instant) {
        overruled = nil
        restartTTL(at: now)
    }

    /// What is known of it counts in an epoch of the broker, since its gateway has spoken in that.
    mutating func believe(in epoch: Int64, at now: Instant) {
        self.epoch = epoch
        if overruled == .restart { overruled = nil }
        restartTTL(at: now)
    }

    /// Its word counts no more, and it goes unless it says another one in time.
    mutating func mustSpeak(_ departure: Departure) {
        note(.lost)
        depart(departure)
    }

    /// Notes a word that does not count yet.
    mutating func note(_ word: StatusWord) { said = word }

    // MARK: - What it counts as

    mutating func show(_ word: StatusWord) {
        shown = word
        departure = nil
        hiddenSince = nil
    }

    /// Shows that it sleeps until a time, in milliseconds of uptime.
    mutating func sleep(until uptime: Int64) {
        show(.sleeping)
        ttlEnds = uptime
    }

    /// A grace begins, unless one runs: of several gone words the first one has the cause.
    mutating func depart(_ departure: Departure) {
        guard shown != nil, self.departure == nil else { return }
        self.departure = departure
        ttlEnds = nil
    }

    /// Its topic was emptied: it is forgotten as soon as it counts as gone.
    mutating func forgetOnceGone() { departure?.forgets = true }

    mutating func hide(overruling: Overruling? = nil, at now: Instant) {
        if let overruling, said.isOnline { overruled = overruling }
        shown = nil
        departure = nil
        ttlEnds = nil
        hiddenSince = now.uptime
    }

    /// The broker has restarted: it has the grace for coming back, whatever its will said.
    mutating func suspend() {
        ttlEnds = nil
        if let departure, departure.cause == .lost || departure.isFound { self.departure = nil }
    }

    /// It was hidden before a restart of the bridge: the time of forgetting begins anew.
    mutating func resumeHidden(at now: Instant) {
        if shown == nil, hiddenSince == nil { hiddenSince = now.uptime }
    }

    // MARK: - Time

    /// What came due.
    enum Due: Sendable {
        case nothing
        case gone(Departure, overruling: Overruling?)
        case forgotten
    }

    mutating func pass(_ limits: Limits, at now: Instant) -> Due {
        if let ends = ttlEnds, ends <= now.uptime {
            ttlEnds = nil
            // One that sleeps and does not wake was lost when it said so.
            let cause: Cause = said.isOnline ? .ttl : .lost
            if shown != nil {
                let departure = Departure(cause: cause, came: heard, ends: ends)
                return .gone(departure, overruling: .promise)
            }
        }
        if let departure, departure.ends <= now.uptime { return .gone(departure, overruling: nil) }
        if let time = forgetAt(limits), time <= now.uptime { return .forgotten }
        return .nothing
    }

    /// Sets the alarm for what comes due next; `nil` if one that is as early is set already.
    mutating func setWake(_ limits: Limits) -> Int64? {
        let next = min(
            ttlEnds ?? .max,
            min(departure?.ends ?? .max, forgetAt(limits) ?? .max)
        )
        return wake.bringForward(to: next == .max ? nil : next)
    }

    /// One whose topic says that it is online is remembered: else that would be news when it is read again.
    private func forgetAt(_ limits: Limits) -> Int64? {
        guard shown == nil, !said.isOnline else { return nil }
        return hiddenSince.map { $0 + limits.deviceForgetAfter.milliseconds }
    }

    // MARK: - What is stored

    /// What the store knows of it.
    struct Noted: Equatable {
        var word: StatusWord
        var epoch: Int64
        var gateway: GatewayNumber
        var isPromiseBroken: Bool
        var isKept: Bool
    }

    var noted: Noted {
        Noted(
            word: shown ?? (said.isOnline ? .lost : said),
            epoch: epoch,
            gateway: gateway,
            isPromiseBroken: shown == nil && overruled == .promise,
            isKept: isKept
        )
    }

    /// Whether the store must learn of it, which from here on counts as done.
    mutating func takeChange(since before: Noted, staleness: Int64) -> Bool {
        guard heard > 0, heard - heardStored >= staleness || noted != before else { return false }
        heardStored = heard
        return true
    }

    /// Its record.
    ///
    /// In the place of a session stands what its gateway is known by, whose connection is its own, too, or that
    /// something was found retained. A ttl says that it has broken that promise.
    func record(of user: UserID, behind gateway: String?) -> DeviceRecord? {
        guard heard > 0 else { return nil }
        return DeviceRecord(
            user: user,
            name: name,
            status: noted.word,
            ttl: noted.isPromiseBroken ? max(1, ttl / 1_000) : nil,
            session: isKept ? Discovery.keptMark : gateway,
            epoch: epoch,
            heard: heard
        )
    }
}
