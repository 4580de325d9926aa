import PresenceCore

/// A database in which bridges share a store: which of them owns it, and whether its session stands, as
/// ``PostgreSQLStore`` and its candidates find it.
final class SimulatedDatabase {
    /// The number of a session.
    typealias SessionID = Int

    /// The row of the bridge that owns the store.
    struct Owner {
        var incarnation: Int64
        var lease: Int64
        /// When its last sign of life came, in milliseconds of uptime.
        var seen: Int64
        var serves = false
    }

    /// After how long a server ends the session of a host of which it hears nothing, in milliseconds.
    static let keepalive: Int64 = 6_000

    private let agenda: Agenda
    /// Who owns the store; `nil` where the last owner has let go of it.
    private var owner: Owner?
    /// The incarnation of the bridge that owned it last.
    private var lastOwner: Int64?
    /// How often the store had got an owner.
    private var term: Int64 = 0
    /// The session that holds the lock; there is no other that matters.
    private var lock: SessionID?
    private var sessions = 0
    private var absences = 0
    /// When the server was started, in milliseconds of uptime.
    private var started: Int64
    /// How it is away, while it is.
    private var absence: Absence?

    /// A time in which a database answers nobody.
    private enum Absence {
        case restarting
        case silent
    }

    init(agenda: Agenda) {
        self.agenda = agenda
        started = agenda.now.uptime
    }

    private var now: Int64 { agenda.now.uptime }

    /// Whether it answers nobody.
    var isAway: Bool { absence != nil }

    // MARK: - Faults

    /// Ends every session, and begins none for a while.
    func restart(after away: Int64) {
        lock = nil
        begin(.restarting, for: away)
    }

    /// Answers nobody for a while, and keeps the sessions.
    func fallSilent(for time: Int64) { begin(.silent, for: time) }

    private func begin(_ absence: Absence, for time: Int64) {
        self.absence = absence
        absences += 1
        agenda.after(time) { [self, number = absences] in
            if number == absences { recover() }
        }
    }

    /// Answers again.
    func recover() {
        if absence == .restarting { started = now }
        absence = nil
    }

    // MARK: - Sessions

    /// Whether a session stands that owned the store.
    func stands(_ session: SessionID) -> Bool { lock == session }

    /// Ends a session, by whichever side: its lock is free.
    func end(_ session: SessionID) {
        if lock == session { lock = nil }
    }

    /// A sign of life of the owner.
    func sign(_ incarnation: Int64) {
        guard owner?.incarnation == incarnation else { return }
        owner?.seen = now
        owner?.serves = true
    }

    /// Lets go of the store.
    func leave(_ incarnation: Int64, _ session: SessionID) {
        if owner?.incarnation == incarnation { owner = nil }
        end(session)
    }

    // MARK: - Ownership

    /// What a candidate finds.
    enum Look {
        case waits
        case owns(SessionID, term: Int64)
    }

    /// A candidate looks, and takes the store if nobody has it.
    ///
    /// - Parameter mayJudge: whether it has looked without a break for a lease.
    func look(_ candidate: Owner, mayJudge: Bool) -> Look {
        if let owner {
            let (age, silence) = (now - started, now - owner.seen)
            if age < owner.lease, silence - age < owner.lease { return .waits }
        }
        guard lock != nil else { return take(candidate) }
        if mayJudge, let owner, owner.serves, now - owner.seen > owner.lease { lock = nil }
        return .waits
    }

    /// Opens a session in the place of one that was lost; `nil` where another bridge has the store, or had it.
    func reopen(of host: Owner) -> SessionID? {
        if let lock {
            if let owner, owner.incarnation != host.incarnation { return nil }
            end(lock)
        }
        guard lastOwner == host.incarnation else { return nil }
        var serving = host
        serving.seen = now
        serving.serves = true
        guard case .owns(let session, _) = take(serving) else { return nil }
        return session
    }

    private func take(_ owner: Owner) -> Look {
        sessions += 1
        term += 1
        lock = sessions
        (self.owner, lastOwner) = (owner, owner.incarnation)
        return .owns(sessions, term: term)
    }
}
