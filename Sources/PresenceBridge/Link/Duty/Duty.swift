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
/// that began later gives way.
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
        /// Say so to the other processes.
        case say(DutyMessage.Word, since: Int64)
        /// Serve: read everything, and take requests.
        case serve
        /// Serve no more, at once: another one does.
        case giveWay
        /// Write over what another bridge has left, which is no more.
        case retire(bridge: String)
        /// Publish the own state again: the topic says something else.
        case restate
        /// Say so in the log.
        case note(Note)
    }

    /// What is worth a line in the log.
    enum Note: Equatable {
        /// It is asked whether a bridge is there that is said to be online.
        case asks(bridge: String)
        /// Another process serves, so this one stands by.
        case standsBy(for: BridgeProcessID)
        /// A bridge that is said to be online does not answer.
        case isDead(bridge: String)
        /// The process for which this one stood by has ended, or answers no more.
        case takesOver(from: BridgeProcessID)
    }

    /// How far it is.
    enum Phase: Equatable {
        /// There is no connection.
        case away
        /// What is retained is being read, and the own question is on its way.
        case looking
        /// Somebody serves, or may serve.
        case waiting
        /// This process serves, since a time in Unix milliseconds.
        case serving(since: Int64)
    }

    /// Somebody who may serve, until a time in milliseconds of uptime.
    private struct Rival {
        var until: Int64
        /// Whether it was said in the log that this process stands by for it.
        var isTold = false
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
    private var processes: [BridgeProcessID: Rival] = [:]
    /// Bridges whose retained state says `online`, and that have not answered.
    private var silent: [String: Rival] = [:]
    /// Other bridges whose retained state says `online`.
    private var online: Set<String> = []

    init(_ own: BridgeProcessID) { self.own = own }

    /// Whether this process serves.
    var isServing: Bool { if case .serving = phase { true } else { false } }

    /// Whether another process is known to serve.
    var standsBy: Bool { phase == .waiting && processes.values.contains(where: \.isTold) }

    /// When ``step(at:)`` has something to do, in milliseconds of uptime.
    var nextStep: Int64? {
        switch phase {
        case .away: nil
        case .serving: restatesAt
        case .looking: asked + Self.pause
        case .waiting: min(asked + Self.pause, rivalsEnd ?? 0)
        }
    }

    private var rivalsEnd: Int64? {
        let ends = processes.values.map(\.until) + silent.values.map(\.until)
        return ends.max()
    }

    // MARK: - The connection

    /// A connection stands.
    ///
    /// Whoever served when the last one ended has a while to come back, too.
    mutating func connect(at now: Instant) -> [Action] {
        phase = .looking
        since = now.unix
        online = []
        silent = [:]
        processes = processes.mapValues {
            Rival(until: now.uptime + Self.patience, isTold: $0.isTold)
        }
        return ask(at: now)
    }

    /// The connection is over.
    mutating func disconnect() {
        phase = .away
        restatesAt = nil
    }

    /// The own question has come back, behind all that is retained.
    mutating func hearEcho(at now: Instant) -> [Action] {
        guard phase == .looking else { return [] }
        phase = .waiting
        let notes = silent.keys.sorted().map { Action.note(.asks(bridge: $0)) }
        return notes + decide(at: now)
    }

    /// The broker does not let this process hear the others: it serves, as if there were none.
    mutating func goBlind(at now: Instant) -> [Action] {
        guard phase == .looking else { return [] }
        (processes, silent) = ([:], [:])
        return serve(at: now)
    }

    /// Time has passed: asks again, or stops waiting.
    mutating func step(at now: Instant) -> [Action] {
        switch phase {
        case .away: return []
        case .serving:
            guard let time = restatesAt, now.uptime >= time else { return [] }
            return restate(at: now)
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
        if isServing {
            guard bridge == own.bridge else { return [] }
            guard started != own.started else {
                restatesAt = nil
                return []
            }
            guard now.uptime - restated >= Self.pause else {
                restatesAt = restated + Self.pause
                return []
            }
            return restate(at: now)
        }
        guard let started else {
            online.remove(bridge)
            silent[bridge] = nil
            hasten(at: now) { $0.bridge == bridge }
            return phase == .waiting ? ask(at: now) : []
        }
        guard bridge != own.bridge || started != own.started else { return [] }
        if bridge != own.bridge { online.insert(bridge) }
        // One that has answered is known better.
        guard !processes.keys.contains(where: { $0.bridge == bridge }) else { return [] }
        silent[bridge] = Rival(until: now.uptime + Self.patience)
        return []
    }

    /// Another process has said something.
    mutating func hear(_ message: DutyMessage, at now: Instant) -> [Action] {
        guard message.process.nonce != own.nonce else { return [] }
        switch (message.word, phase) {
        case (_, .away): return []
        case (.asking, .serving(let since)): return [.say(.serving, since: since)]
        case (.asking, _):
            // Of two that ask, the one that came first is waited for. One that has served and asks
            // has come back, and serves at once unless it waits as well.
            guard precedes(message, since) else {
                hasten(at: now) { $0 == message.process }
                return []
            }
            let isTold = processes[message.process]?.isTold ?? false
            processes[message.process] = Rival(until: now.uptime + Self.patience, isTold: isTold)
            return []
        case (.serving, .serving(let since)):
            guard precedes(message, since) else { return [.say(.serving, since: since)] }
            processes = [message.process: Rival(until: now.uptime + Self.silence)]
            disconnect()
            return [.giveWay]
        case (.serving, .looking), (.serving, .waiting):
            silent[message.process.bridge] = nil
            let isTold = processes[message.process]?.isTold ?? false
            processes[message.process] = Rival(until: now.uptime + Self.silence, isTold: true)
            return isTold ? [] : [.note(.standsBy(for: message.process))]
        }
    }

    /// Whether another process came before this one: an order that both see alike.
    private func precedes(_ message: DutyMessage, _ since: Int64) -> Bool {
        (message.since, message.process.nonce) < (since, own.nonce)
    }

    /// Somebody who served is waited for a while only.
    private mutating func hasten(at now: Instant, _ isMeant: (BridgeProcessID) -> Bool) {
        for (process, rival) in processes where isMeant(process) {
            processes[process]?.until = min(rival.until, now.uptime + Self.comeback)
        }
    }

    /// The own state is published: what else was on its topic came before, be it heard or on its way.
    ///
    /// What goes on contradicting it after ``pause`` is restated.
    mutating func state(at now: Instant) { (restated, restatesAt) = (now.uptime, nil) }

    private mutating func restate(at now: Instant) -> [Action] {
        (restated, restatesAt) = (now.uptime, nil)
        return [.restate]
    }

    // MARK: - The decision

    private mutating func decide(at now: Instant) -> [Action] {
        if let end = rivalsEnd, now.uptime < end { return [] }
        return serve(at: now)
    }

    private mutating func serve(at now: Instant) -> [Action] {
        var actions: [Action] = silent.keys.sorted().map { .note(.isDead(bridge: $0)) }
        let told = processes.filter(\.value.isTold).keys.sorted { $0.nonce < $1.nonce }
        actions += told.map { .note(.takesOver(from: $0)) }
        actions += online.sorted().map { .retire(bridge: $0) }
        (processes, silent, online) = ([:], [:], [])
        phase = .serving(since: now.unix)
        return actions + [.say(.serving, since: now.unix), .serve]
    }
}
