import PresenceCore

/// Whether this process serves the prefix: the duty of one bridge at a time.
///
/// Each process that connects reads what the bridges of the prefix retain, and asks the other
/// processes who serves. Whoever serves answers at once. A process that gets an answer stands by,
/// and goes on asking; it serves when the other one says that it is offline, or answers no more. What
/// a dead process has left as `online` costs one ``patience``, and where nothing is left and nobody
/// answers, one round trip.
///
///     away ──connect──▶ looking ──own question is back──▶ serving
///                          │                                 ▲  │
///                          └──somebody may serve──▶ waiting ─┘◀─┘ an earlier one serves
///
/// Two that look at the same instant may both begin to serve. They hear each other, and the one
/// that began later gives way; with a shared store the one with the lower term does, and never serves again.
struct Duty {
    /// How long an answer may take, in milliseconds.
    static let patience: Int64 = 3_000
    /// How long one that has answered may be silent, in milliseconds.
    ///
    /// It reads the question in its turn, behind all else that has come.
    static let silence: Int64 = 5_000
    /// How long one that went offline has to come back, in milliseconds: its connection may have
    /// broken, and it has the store that has served.
    static let comeback: Int64 = 1_000
    /// Time between two questions, in milliseconds.
    static let pause: Int64 = 1_000

    /// What is to be done.
    enum Action: Equatable {
        case say(DutyMessage.Word, since: Int64)
        case serve
        /// Serve no more, at once: another one does.
        case giveWay
        /// Write over what another bridge has left, which is no more.
        case retire(bridge: String)
        case restate
        case note(DutyNote)
    }

    enum Phase: Equatable {
        case away
        /// What is retained is being read, and the own question is on its way.
        case looking
        /// Somebody serves, or may serve.
        case waiting
        /// This process serves, since a time in Unix milliseconds.
        case serving(since: Int64)
    }

    private(set) var phase = Phase.away
    private let own: BridgeProcessID
    /// Since when this process asks, in Unix milliseconds.
    private var since: Int64 = 0
    /// When this process asked last, in milliseconds of uptime.
    private var asked: Int64 = 0
    /// When the own state was last published again, and when that is due once more: two that do so
    /// because of each other must not keep the broker busy.
    private var restated = Int64.min / 2
    private var restatesAt: Int64?
    /// Processes that have said that they serve, or that asked earlier than this one.
    private var processes = Rivals<BridgeProcessID>()
    /// Bridges whose retained state says `online`, and that have not answered.
    private var silent = Rivals<String>()
    /// Other bridges whose retained state says `online`.
    private var online: Set<String> = []
    /// Whether another bridge has had the store since this one: it never serves again, whoever is there.
    private var isOutranked = false
    /// Whether a store that bridges share has said lately that it is this one's.
    ///
    /// One that cannot ask it takes nobody for dead: whoever is silent may own the store.
    var isConfirmed = true

    init(_ own: BridgeProcessID) { self.own = own }

    var isServing: Bool { if case .serving = phase { true } else { false } }
    var standsBy: Bool { phase == .waiting && !processes.told.isEmpty }

    var nextStep: Int64? {
        switch phase {
        case .away: nil
        case .serving: restatesAt
        case .looking: asked + Self.pause
        // One that may not serve has nobody's end to wait for.
        case .waiting: mayServe ? min(asked + Self.pause, rivalsEnd ?? 0) : asked + Self.pause
        }
    }

    private var mayServe: Bool { !isOutranked && (isConfirmed || rivalsEnd == nil) }

    private var rivalsEnd: Int64? { [processes.end, silent.end].compactMap(\.self).max() }

    // MARK: - The connection

    /// A connection stands.
    ///
    /// Whoever served when the last one ended has a while to come back, too.
    mutating func connect(at now: Instant) -> [Action] {
        phase = .looking
        since = now.unix
        online = []
        silent = Rivals()
        for process in processes.ids {
            processes.wait(for: process, until: now.uptime + Self.patience)
        }
        return ask(at: now)
    }

    mutating func disconnect() {
        phase = .away
        restatesAt = nil
    }

    /// The own question has come back, behind all that is retained.
    mutating func hearEcho(at now: Instant) -> [Action] {
        guard phase == .looking else { return [] }
        phase = .waiting
        let notes = silent.ids.sorted().map { Action.note(.asks(bridge: $0)) }
        return notes + decide(at: now)
    }

    /// The broker does not let this process hear the others: it serves, as if there were none.
    mutating func goBlind(at now: Instant) -> [Action] {
        guard phase == .looking, !isOutranked else { return [] }
        (processes, silent) = (Rivals(), Rivals())
        return serve(at: now)
    }

    mutating func step(at now: Instant) -> [Action] {
        switch phase {
        case .away: return []
        case .serving:
            guard let time = restatesAt, now.uptime >= time else { return [] }
            state(at: now)
            return [.restate]
        case .looking: return now.uptime - asked >= Self.pause ? ask(at: now) : []
        case .waiting:
            let actions = decide(at: now)
            guard phase == .waiting, now.uptime - asked >= Self.pause else { return actions }
            return actions + ask(at: now)
        }
    }

    private mutating func ask(at now: Instant) -> [Action] {
        asked = now.uptime
        return [.say(.asking, since: since)]
    }

    // MARK: - What comes

    /// What stands on the topic of a bridge, or has come there.
    ///
    /// - Parameter started: The start that an `online` tells; `nil` for every other state.
    mutating func hearState(of bridge: String, started: Int64?, at now: Instant) -> [Action] {
        if isServing { return bridge == own.bridge ? hearOwnState(started, at: now) : [] }
        guard let started else {
            online.remove(bridge)
            silent.forget(bridge)
            for process in processes.ids where process.bridge == bridge { hasten(process, at: now) }
            return phase == .waiting ? ask(at: now) : []
        }
        guard bridge != own.bridge || started != own.started else { return [] }
        if bridge != own.bridge, online.count < LinkBounds.bridges { online.insert(bridge) }
        // One that has answered is known better.
        guard !processes.ids.contains(where: { $0.bridge == bridge }) else { return [] }
        silent.wait(for: bridge, until: now.uptime + Self.patience)
        return []
    }

    /// What another process says on the topic of this one is restated, but not at once again and again.
    private mutating func hearOwnState(_ started: Int64?, at now: Instant) -> [Action] {
        guard started != own.started else {
            restatesAt = nil
            return []
        }
        guard now.uptime - restated >= Self.pause else {
            restatesAt = restated + Self.pause
            return []
        }
        state(at: now)
        return [.restate]
    }

    mutating func hear(_ message: DutyMessage, at now: Instant) -> [Action] {
        let process = message.process
        guard process.nonce != own.nonce else { return [] }
        switch (message.word, phase) {
        case (_, .away): return []
        case (.asking, .serving(let since)):
            guard process.term.isAfter(own.term) else { return [.say(.serving, since: since)] }
            return giveWay(to: process, at: now)
        case (.asking, _):
            // Of two that ask, the one that came first is waited for. One that has served and asks
            // has come back, and serves at once unless it waits as well.
            if precedes(message, since) {
                processes.wait(for: process, until: now.uptime + Self.patience)
            } else {
                hasten(process, at: now)
            }
            return []
        case (.serving, .serving(let since)):
            guard precedes(message, since) else { return [.say(.serving, since: since)] }
            return giveWay(to: process, at: now)
        case (.serving, .looking), (.serving, .waiting):
            silent.forget(process.bridge)
            let isTold = processes.told.contains(process)
            heed(process.term)
            processes.wait(for: process, until: now.uptime + Self.silence, isTold: true)
            return isTold ? [] : [.note(.standsBy(for: process))]
        }
    }

    /// Notes whether another bridge has had the store since this one.
    private mutating func heed(_ term: StoreTerm) {
        if term.isAfter(own.term) { isOutranked = true }
    }

    private mutating func giveWay(to process: BridgeProcessID, at now: Instant) -> [Action] {
        heed(process.term)
        processes = Rivals()
        processes.wait(for: process, until: now.uptime + Self.silence)
        disconnect()
        return [.giveWay]
    }

    /// Whether another process owns the store that both share, or else came before this one: an order that both see
    /// alike.
    private func precedes(_ message: DutyMessage, _ since: Int64) -> Bool {
        if message.process.term.isAfter(own.term) { return true }
        if own.term.isAfter(message.process.term) { return false }
        return (message.since, message.process.nonce) < (since, own.nonce)
    }

    /// One that served is waited for a while only.
    private mutating func hasten(_ process: BridgeProcessID, at now: Instant) {
        processes.hasten(process, to: now.uptime + Self.comeback)
    }

    /// The own state is published: what else was on its topic came before, be it heard or on its way.
    ///
    /// What goes on contradicting it after ``pause`` is restated.
    mutating func state(at now: Instant) { (restated, restatesAt) = (now.uptime, nil) }

    // MARK: - The decision

    private mutating func decide(at now: Instant) -> [Action] {
        guard mayServe else { return [] }
        if let end = rivalsEnd, now.uptime < end { return [] }
        return serve(at: now)
    }

    private mutating func serve(at now: Instant) -> [Action] {
        var actions: [Action] = silent.ids.sorted().map { .note(.isDead(bridge: $0)) }
        let told = processes.told.sorted { $0.nonce < $1.nonce }
        actions += told.map { .note(.takesOver(from: $0)) }
        actions += online.sorted().map { .retire(bridge: $0) }
        (processes, silent, online) = (Rivals(), Rivals(), [])
        phase = .serving(since: now.unix)
        return actions + [.say(.serving, since: now.unix), .serve]
    }
}

/// Those who may serve, each until a time in milliseconds of uptime.
///
/// There are ``LinkBounds/bridges`` at most. Past that the one is forgotten that would be waited for least
/// long, so that the wait for all of them is as long as it was.
private struct Rivals<ID: Hashable> {
    private var ends: [ID: Int64] = [:]
    /// Those of whom it was said in the log that this process stands by for them.
    private(set) var told: Set<ID> = []

    var ids: some Collection<ID> { ends.keys }
    /// Until when the last of them is waited for.
    var end: Int64? { ends.values.max() }

    mutating func wait(for id: ID, until end: Int64, isTold: Bool = false) {
        ends[id] = end
        if isTold { told.insert(id) }
        guard ends.count > LinkBounds.bridges, let first = ends.min(by: { $0.value < $1.value })
        else { return }
        forget(first.key)
    }

    mutating func hasten(_ id: ID, to end: Int64) {
        if let before = ends[id] { ends[id] = min(before, end) }
    }

    mutating func forget(_ id: ID) {
        ends[id] = nil
        told.remove(id)
    }
}
