import PresenceBridge
import PresenceCore
import PresenceStore

/// What one process of a bridge has of a shared store while it owns it.
final class SimulatedSession {
    private static let path = "the simulated database"

    private let database: SimulatedDatabase
    private let host: SimulatedHost
    private let agenda: Agenda
    private let owner: SimulatedDatabase.Owner
    private var session: SimulatedDatabase.SessionID
    /// When it was last asked whether the store is still this bridge's.
    private var asked: Int64?
    private var isClosed = false
    /// Whether the database has answered last.
    private(set) var isConfirmed = true

    let term: StoreTerm
    /// Why the store is this bridge's no more.
    private(set) var loss: StoreError?

    init(
        _ database: SimulatedDatabase,
        _ host: SimulatedHost,
        _ owner: SimulatedDatabase.Owner,
        _ session: SimulatedDatabase.SessionID,
        term: Int64,
        agenda: Agenda
    ) {
        self.database = database
        self.host = host
        self.owner = owner
        self.session = session
        self.agenda = agenda
        self.term = StoreTerm(number: term, store: 1)
    }

    /// The time between two signs of life, in milliseconds.
    var signPause: Int64 { min(1_000, owner.lease / 3) }

    /// Throws unless the store can be written: the database answers, and the store is still this bridge's.
    func check() throws(StoreError) {
        if reaches() { return }
        throw loss ?? .writeFailed(path: Self.path, reason: "it does not answer")
    }

    /// Gives a sign of life.
    func sign() {
        if reaches() { database.sign(owner.incarnation) }
    }

    /// Asks whether the store is still this bridge's where this was not asked for half a lease.
    ///
    /// Returns whether that is known.
    func confirmAfterPause() -> Bool {
        guard loss == nil else { return true }
        let now = agenda.now.uptime
        defer { asked = now }
        guard let asked, now - asked > owner.lease / 2 else { return true }
        sign()
        return isConfirmed || loss != nil
    }

    /// Lets go of the store.
    func leave() {
        if !isClosed, loss == nil, reaches() { database.leave(owner.incarnation, session) }
        isClosed = true
    }

    /// The process is killed: its host ends the session at once, where that reaches the database.
    func breakOff() {
        isClosed = true
        if host.isCutOff { fallSilent() } else { database.end(session) }
    }

    /// The server hears nothing of the host any more, and ends the session after a while.
    func fallSilent(unless isBack: @escaping () -> Bool = { false }) {
        agenda.after(SimulatedDatabase.keepalive) { [database, session] in
            if !isBack() { database.end(session) }
        }
    }

    /// Whether the database answers, and the store is this bridge's; opens another session where one was lost.
    private func reaches() -> Bool {
        isConfirmed = loss == nil && !host.isCutOff && !database.isAway
        guard isConfirmed else { return false }
        if database.stands(session) { return true }
        guard let opened = database.reopen(of: owner) else {
            loss = .displaced(path: Self.path)
            isConfirmed = false
            return false
        }
        session = opened
        return true
    }
}
