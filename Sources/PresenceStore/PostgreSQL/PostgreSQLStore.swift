import PostgreSQL
import Presence

/// What the bridge knows beyond a restart, in a schema of a PostgreSQL database.
///
/// A ``Candidacy`` hands it out. ``replay(_:subscriptions:)`` it once, then ``commit(_:isRequested:)``; at the end
/// ``close()``. One thread uses it. Of the bridges that share a schema one owns it, by a lock that goes with its session.
///
/// A commit is one transaction, and is answered within a second, or counts as not done. Where the session is lost,
/// ``Reopening`` opens another one on its own thread: a commit waits for it for the rest of its second, and is refused
/// after that. A transaction of which it is not known whether it was done is settled first (``Doubt``).
public final class PostgreSQLStore {
    private enum Phase {
        case opened
        case ready
        case closed
    }

    /// How long a commit may take, in milliseconds.
    private static let patience: Int64 = 1_000
    /// How long a try to open another session may take, in milliseconds.
    private static let opening: Int64 = 10_000
    /// How long a commit waits where the database was away before, in milliseconds: a try may be all that it takes.
    private static let moment: Int64 = 100
    /// How long the server may take for the next row of a table that is read whole, in milliseconds.
    private static let reading: Int64 = 60_000

    private let address: DatabaseAddress
    private let member: Member
    private let onRemark: (StoreRemark) -> Void
    private var phase = Phase.opened
    /// The session; `nil` where it was lost.
    private var session: StoreSession?
    private var reopening: Reopening?
    /// Whether the operator was told that there is no session, and not yet that there is one again.
    private var isToldAway = false
    /// When it was last asked whether the store is still this bridge's.
    private var asked: ContinuousClock.Instant?
    /// Who serves the session, or served the last one.
    private var backend: Backend
    /// The number of the last transaction.
    private var sequence: Int64
    /// Under which term this process became the owner of the store; a session that was opened later has a higher one,
    /// which nobody is told.
    public let term: Int64
    /// The number by which bridges tell whether they share a store.
    public let storeID: Int64
    /// Why the store is this bridge's no more, and never will be again; `nil` while it is.
    public private(set) var loss: StoreError?
    private var doubt: Doubt?
    /// The last id of the change log that was stored.
    private var logEnd: Int64 = 0
    private var count: Int64?
    private var cutting: LogCutting?
    private let cutter: LogCutter

    /// A store that is owned.
    init(
        _ address: DatabaseAddress,
        _ session: StoreSession,
        of member: Member,
        onRemark: @escaping (StoreRemark) -> Void
    ) {
        self.address = address
        self.member = member
        self.onRemark = onRemark
        self.session = session
        backend = session.backend
        sequence = session.sequence
        term = session.term
        storeID = session.storeID
        cutter = LogCutter(address, of: member)
    }

    deinit { close() }

    /// Hands out everything as ``SQLiteStore/replay(_:subscriptions:)`` does, as of one moment.
    public func replay(
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws(StoreError) {
        do {
            guard phase != .closed, let session = session?.connection else {
                throw PostgreSQLError.unreachable(reason)
            }
            let deadline = Deadline(in: Self.reading)
            try session.run(
                SQLStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
                by: deadline
            )
            var reader = Reader(from: PostgreSQLTables(session: session, patience: Self.reading))
            try reader.read(
                { [self] change in
                    if case .log(.end(let id)) = change { logEnd = id }
                    body(change)
                },
                subscriptions: subscriptions
            )
            count = reader.count
            try session.run(SQLStatement("COMMIT"), by: Deadline(in: Self.reading))
            phase = .ready
        } catch {
            close()
            throw StoreError(error, doing: .reading, path: address.shown)
        }
    }

    /// Stores the changes, all of them or, when it throws, none.
    ///
    /// Of changes with the same key the last one counts. It takes a second at most.
    ///
    /// - Parameter isRequested: whether somebody is told that they were not stored where they were not, and so must
    ///   not find them later.
    public func commit(_ changes: [Change], isRequested: Bool) throws(StoreError) {
        guard !changes.isEmpty else { return }
        for change in changes {
            if let rule = change.brokenRule {
                throw .writeFailed(path: address.shown, reason: rule)
            }
        }
        guard phase != .closed else {
            throw .writeFailed(path: address.shown, reason: "it is closed")
        }
        if let loss { throw loss }
        let deadline = Deadline(in: Self.patience)
        do {
            try takeReopened(within: Self.moment, by: deadline)
            guard let lost = try write(changes, isRequested: isRequested, by: deadline) else {
                return
            }
            // A database that was started again is there at once; one that does not answer is not waited for twice.
            reopen(because: lost)
            guard lost != .late else { throw lost }
            guard let opened = reopening?.take(within: deadline.milliseconds) else {
                noteGivenUp()
                throw PostgreSQLError.unreachable(reason)
            }
            reopening = nil
            if try take(opened, isWanted: true, by: deadline) { return noteEnd(of: changes) }
            if let lost = try write(changes, isRequested: isRequested, by: deadline) { throw lost }
        } catch {
            reopen(because: error)
            tellAway(error)
            throw loss ?? StoreError(error, doing: .writing, path: address.shown)
        }
    }

    /// How long it may be waited between two signs of life, in milliseconds.
    public var applyingPause: Int64 { member.signPause }

    /// Gives a sign of life, and sees to another session if there is none; call it behind each ``applyingPause``.
    public func beginApplying() {
        guard phase == .ready else { return }
        do {
            let deadline = Deadline(in: Self.patience)
            try takeReopened(within: 0, by: deadline)
            try sign(by: deadline)
        } catch {
            reopen(because: error)
            tellAway(error)
        }
    }

    /// Asks whether the store is still this bridge's where this was not asked for so long that another one may have
    /// taken it; call it in each turn, and before anybody is told anything.
    ///
    /// - Returns: whether that is known: a database that does not answer cannot say so.
    public func confirmAfterPause() -> Bool {
        guard phase == .ready, loss == nil else { return true }
        let now = ContinuousClock.now
        defer { asked = .now }
        guard let asked, now - asked > .milliseconds(member.longestPause) else { return true }
        confirm()
        return isConfirmed || loss != nil
    }

    /// Asks whether the store is still this bridge's.
    func confirm() {
        beginApplying()
        // Where the session was found lost, another one is opened by now, or the store is another bridge's.
        guard session == nil, loss == nil else { return }
        do {
            try takeReopened(within: Self.patience, by: Deadline(in: Self.patience))
        } catch {
            reopen(because: error)
            tellAway(error)
        }
    }

    /// Whether a session stands, in which the store is this bridge's; one that was lost is found so by the next sign of
    /// life.
    public var isConfirmed: Bool { session != nil }

    private func sign(by deadline: Deadline) throws(PostgreSQLError) {
        guard let session else { return }
        do throws(PostgreSQLError) {
            try session.connection.run(Membership.signing(member, serves: true), by: deadline)
        } catch {
            if error.endsSession { drop(session) }
            throw error
        }
    }

    /// The users, devices and subscriptions stored; 0 before the first replay.
    public var rows: Int64 { count ?? 0 }

    /// The change log, to be read by whoever may.
    public func archive() -> ChangeArchive { ChangeArchive(PostgreSQLSource(address)) }

    /// Begins to cut off what may go of the change log, on another thread, as ``SQLiteStore/beginCutting(_:)`` does.
    public func beginCutting(_ cut: LogCut) {
        guard phase == .ready, session != nil else { return }
        let cutting = self.cutting ?? cutter.cutting()
        self.cutting = cutting
        if let young = cutting.takeYoung() { onRemark(.cutOff(changes: young)) }
        cutting.begin(cut)
    }

    /// Whether rows of the change log are being cut off.
    var isCutting: Bool { cutting?.isUnderWay ?? false }

    /// Ends without a word to the database, as a process does that is killed.
    func abandon() {
        session?.connection.abandon()
        close()
    }

    /// Ends the session and frees the store for others.
    ///
    /// What is asked for afterwards fails.
    public func close() {
        if phase == .ready, loss == nil, let session {
            _ = try? session.connection.run(
                Membership.leaving(member),
                by: Deadline(in: Self.patience)
            )
        }
        phase = .closed
        reopening?.end()
        // The lock goes first: whoever else uses the database may wait for it.
        (session, reopening) = (nil, nil)
        cutter.close()
    }

    // MARK: - Writing

    /// Writes a transaction; returns why the session was lost, if it was, and there is none.
    private func write(
        _ changes: [Change],
        isRequested: Bool,
        by deadline: Deadline
    ) throws -> PostgreSQLError? {
        guard let session else { throw PostgreSQLError.unreachable(reason) }
        var commit = DatabaseCommit(changes, number: sequence + 1, isRequested: isRequested)
        do {
            try commit.prepare(session.connection, by: deadline)
        } catch let error as PostgreSQLError where error.endsSession {
            drop(session)
            return error
        }
        do {
            let growth = try commit.finish(session.connection, by: deadline)
            sequence += 1
            count = count.map { $0 + growth }
            noteEnd(of: changes)
            return nil
        } catch let error as PostgreSQLError where error.endsSession {
            drop(session)
            doubt = Doubt(base: sequence, undoing: commit.undoing)
            return error
        }
    }

    private func noteEnd(of changes: [Change]) {
        for case .log(.end(let id)) in changes { logEnd = max(logEnd, id) }
    }

    // MARK: - Sessions

    private func drop(_ session: StoreSession) {
        session.connection.abandon()
        self.session = nil
    }

    /// Begins to open a session on another thread, if there is none and nobody is at it.
    private func reopen(because error: any Error) {
        guard session == nil, reopening == nil, loss == nil else { return }
        reopening = Reopening(because: Reopening.reason(error)) {
            [
                address, member,
                former = StoreSession.Former(backend: backend, sequence: sequence)
            ] in
            try StoreSession.reopen(
                address,
                of: member,
                replacing: former,
                by: Deadline(in: Self.opening)
            )
        }
    }

    /// Notes that another bridge has the store, if that is why there is no session.
    private func noteGivenUp() {
        if let reason = reopening?.loss { _ = giveUp(reason) }
    }

    /// Notes why the store is this bridge's no more, and tells the operator.
    private func giveUp(_ reason: StoreError) -> StoreError {
        loss = reason
        onRemark(.storeLost(reason: Reopening.reason(reason)))
        reopening?.end()
        reopening = nil
        return reason
    }

    /// Tells the operator once that there is no session, if there is none.
    private func tellAway(_ error: any Error) {
        guard loss == nil, session == nil, !isToldAway else { return }
        isToldAway = true
        onRemark(.databaseLost(reason: Reopening.reason(error)))
    }

    /// Goes on with a session that was opened on another thread.
    ///
    /// - Parameter milliseconds: how long it is waited for, while that thread tries.
    private func takeReopened(within milliseconds: Int64, by deadline: Deadline) throws {
        guard session == nil, let reopening else { return }
        guard let opened = reopening.take(within: milliseconds) else { return noteGivenUp() }
        self.reopening = nil
        _ = try take(opened, isWanted: false, by: deadline)
        if isToldAway { onRemark(.databaseFound) }
        isToldAway = false
    }

    /// Goes on with another session, when what is in doubt is settled.
    ///
    /// Returns whether the transaction in doubt was done.
    ///
    /// - Parameter isWanted: whether it is wanted that it was; else it is undone.
    private func take(
        _ opened: StoreSession,
        isWanted: Bool,
        by deadline: Deadline
    ) throws -> Bool {
        backend = opened.backend
        if opened.sequence == sequence {
            (session, doubt) = (opened, nil)
            return false
        }
        guard opened.sequence > sequence else { throw giveUp(.behind(path: address.shown)) }
        guard let doubt, doubt.numbers.contains(opened.sequence) else {
            throw giveUp(.displaced(path: address.shown))
        }
        var last = opened.sequence
        // Counted with what was done; what is undone here tells by itself.
        count = opened.rows ?? count
        if !isWanted {
            // Until that is done, too, what is in doubt stays so.
            last += 1
            self.doubt?.last = last
            let undoing = doubt.undoing + [.log(.end(logEnd))]
            var commit = DatabaseCommit(undoing, number: last, isRequested: false)
            try commit.prepare(opened.connection, by: deadline)
            let growth = try commit.finish(opened.connection, withoutLogAfter: logEnd, by: deadline)
            count = count.map { $0 + growth }
        }
        sequence = last
        (session, self.doubt) = (opened, nil)
        return true
    }

    /// Why there is no session.
    private var reason: String { reopening?.reason ?? "the connection was lost" }
}
