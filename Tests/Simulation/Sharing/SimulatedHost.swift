import PresenceCore

/// A machine with one of the bridges that share a store: a process of it waits for the store, and then serves.
final class SimulatedHost {
    /// The time between two looks at a store that another bridge owns, in milliseconds.
    static let pause: Int64 = 200

    let bridgeID: String
    private let lease: Int64
    private let database: SimulatedDatabase
    private let agenda: Agenda
    /// Whether it does not reach the database.
    private(set) var isCutOff = false
    private var cuts = 0
    private weak var session: SimulatedSession?
    /// The process that owned the store when it began to serve.
    var process: BridgeProcess?
    /// The incarnation of the process that stands by; `nil` where none does.
    private(set) var candidate: Int64?
    private var incarnations: Int64 = 0
    /// Since when it has looked without a break, and when it has looked last, in milliseconds of uptime.
    private var unbroken: Int64?
    private var looked: Int64 = 0

    init(
        _ bridgeID: String,
        _ number: Int,
        lease: Int64,
        _ database: SimulatedDatabase,
        _ agenda: Agenda
    ) {
        self.bridgeID = bridgeID
        self.lease = lease
        self.database = database
        self.agenda = agenda
        incarnations = Int64(number) << 32
    }

    /// Whether a process runs.
    var isUp: Bool { process != nil || candidate != nil }

    /// Begins to stand by.
    func standBy() {
        incarnations += 1
        (candidate, unbroken) = (incarnations, nil)
    }

    /// The process that stands by is no more.
    func dismissCandidate() { candidate = nil }

    /// Nothing passes between it and the database any more.
    func cutOff() {
        isCutOff = true
        cuts += 1
        session?.fallSilent { [weak self, cuts] in
            self.map { !$0.isCutOff || $0.cuts > cuts } ?? false
        }
    }

    /// It reaches the database again.
    func reconnect() { isCutOff = false }

    /// Looks whether the store is free, and takes it then.
    func look() -> SimulatedSession? {
        guard let candidate else { return nil }
        guard !isCutOff, !database.isAway else {
            unbroken = nil
            return nil
        }
        let now = agenda.now.uptime
        if now - looked > lease / 3 { unbroken = nil }
        let since = unbroken ?? now
        (looked, unbroken) = (now, since)
        let owner = SimulatedDatabase.Owner(
            incarnation: candidate,
            lease: lease,
            seen: now
        )
        guard
            case .owns(let session, let term) = database.look(owner, mayJudge: now - since >= lease)
        else { return nil }
        self.candidate = nil
        let opened = SimulatedSession(database, self, owner, session, term: term, agenda: agenda)
        self.session = opened
        return opened
    }
}
