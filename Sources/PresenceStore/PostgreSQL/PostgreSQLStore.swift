import PostgreSQL
import Presence

/// What the bridge knows beyond a restart, in a schema of a PostgreSQL database.
///
/// Open it, ``replay(_:subscriptions:)`` it once, then ``commit(_:isRequested:)``; at the end ``close()``. One
/// thread uses it. One bridge uses a schema, by a lock that goes with its session.
///
/// A commit is one transaction, and is answered within a second, or counts as not done. Where the session was lost,
/// another one is opened: at once, as after a restart of the database, or else on another thread, while what is to be
/// stored is refused. A transaction of which it is not known whether it was done is settled first (``Doubt``).
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
    /// Why there is no session, as the operator was told; `nil` where that is over.
    private var toldReason: String?
    /// When it was last asked whether the store is still this bridge's.
    private var asked: ContinuousClock.Instant?
    /// The session that was lost last.
    private var former: StoreSession.Process?
    /// The number of the last transaction.
    private var turn: Int64
    /// Under which term the store is this bridge's.
    public let term: Int64
    /// What tells the store from others.
    public let mark: Int64
    /// Why the store is this bridge's no more, and never will be again; `nil` while it is.
    public private(set) var loss: StoreError?
    private var doubt: Doubt?
    /// The last id of the change log that was stored.
    private var logEnd: Int64 = 0
    private var count: Int64?
    private var cutting: LogCutting?
    private let cutter: PostgreSQLSource

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
        turn = session.turn
        term = session.term
        mark = session.mark
        cutter = PostgreSQLSource(address, of: member)
    }

    deinit { close() }

    /// Hands out everything as ``SQLiteStore/replay(_:subscriptions:)`` does, as of one moment.
    public func replay(
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws(StoreError) {
        do {
            guard phase != .closed, let session = session?.session else {
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
                noteLoss()
                throw PostgreSQLError.unreachable(reason)
            }
            reopening = nil
            if try take(opened, isWanted: true, by: deadline) { return noteEnd(of: changes) }
            if let lost = try write(changes, isRequested: isRequested, by: deadline) { throw lost }
        } catch {
            reopen(because: error)
            tellLoss(loss ?? error)
            throw loss ?? StoreError(error, doing: .writing, path: address.shown)
        }
    }

    /// How long it may be waited between two signs of life, in milliseconds: there are three in a lease at least.
    public var applyingPause: Int64 { min(1_000, member.lease / 3) }

    /// Gives a sign of life, and sees to another session if there is none; call it behind each ``applyingPause``.
    public func beginApplying() {
        guard phase == .ready else { return }
        do {
            let deadline = Deadline(in: Self.patience)
            try takeReopened(within: 0, by: deadline)
            try sign(by: deadline)
        } catch {
            reopen(because: error)
            tellLoss(error)
        }
    }

    /// Asks whether the store is still this bridge's where this was not asked for so long that another one may have
    /// taken it; call it in each turn, and before anybody is told anything.
    ///
    /// Where the database does not answer, it is not known, and the bridge goes on.
    public func confirmAfterPause() {
        guard phase == .ready, loss == nil else { return }
        let now = ContinuousClock.now
        defer { asked = .now }
        guard let asked, now - asked > .milliseconds(member.lease / 2) else { return }
        confirm()
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
            tellLoss(error)
        }
    }

    private func sign(by deadline: Deadline) throws(PostgreSQLError) {
        guard let session else { return }
        do throws(PostgreSQLError) {
            try session.session.run(Membership.signing(member, serves: true), by: deadline)
        } catch {
            if error.endsSession { lose(session) }
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
        session?.session.abandon()
        close()
    }

    /// Ends the session and frees the store for others.
    ///
    /// What is asked for afterwards fails.
    public func close() {
        if phase == .ready, loss == nil, let session {
            _ = try? session.session.run(
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
        var commit = DatabaseCommit(changes, number: turn + 1, isRequested: isRequested)
        do {
            try commit.prepare(session.session, by: deadline)
        } catch let error as PostgreSQLError where error.endsSession {
            lose(session)
            return error
        }
        do {
            let growth = try commit.finish(session.session, by: deadline)
            turn += 1
            count = count.map { $0 + growth }
            noteEnd(of: changes)
            return nil
        } catch let error as PostgreSQLError where error.endsSession {
            lose(session)
            doubt = Doubt(base: turn, undoing: commit.undoing)
            return error
        }
    }

    private func noteEnd(of changes: [Change]) {
        for case .log(.end(let id)) in changes { logEnd = max(logEnd, id) }
    }

    // MARK: - Sessions

    private func lose(_ session: StoreSession) {
        session.session.abandon()
        former = session.process
        self.session = nil
    }

    /// Begins to open a session on another thread, if there is none and nobody is at it.
    private func reopen(because error: any Error) {
        guard session == nil, reopening == nil, loss == nil else { return }
        reopening = Reopening(because: Reopening.reason(error)) {
            [
                address, member,
                former = StoreSession.Former(process: former, turn: turn)
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
    private func noteLoss() {
        if let reason = reopening?.loss { _ = lose(for: reason) }
    }

    private func lose(for reason: StoreError) -> StoreError {
        loss = reason
        reopening?.end()
        reopening = nil
        return reason
    }

    /// Tells the operator that there is no session, if there is none.
    private func tellLoss(_ error: any Error) {
        let reason = Reopening.reason(error)
        // Once; but that another bridge is at it, or was, is told although it was lost before.
        guard session == nil, toldReason == nil || (error is StoreError && toldReason != reason)
        else { return }
        toldReason = reason
        onRemark(.databaseLost(reason: reason))
    }

    /// Goes on with a session that was opened on another thread.
    ///
    /// - Parameter milliseconds: how long it is waited for, while that thread tries.
    private func takeReopened(within milliseconds: Int64, by deadline: Deadline) throws {
        guard session == nil, let reopening else { return }
        guard let opened = reopening.take(within: milliseconds) else { return noteLoss() }
        self.reopening = nil
        _ = try take(opened, isWanted: false, by: deadline)
        if toldReason != nil { onRemark(.databaseFound) }
        toldReason = nil
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
        former = opened.process
        if opened.turn == turn {
            (session, doubt) = (opened, nil)
            return false
        }
        guard opened.turn > turn else { throw lose(for: .behind(path: address.shown)) }
        guard let doubt, doubt.numbers.contains(opened.turn) else {
            throw lose(for: .displaced(path: address.shown))
        }
        var last = opened.turn
        // Counted with what was done; what is undone here tells by itself.
        count = opened.rows ?? count
        if !isWanted {
            // Until that is done, too, what is in doubt stays so.
            last += 1
            self.doubt?.last = last
            let undoing = doubt.undoing + [.log(.end(logEnd))]
            var commit = DatabaseCommit(undoing, number: last, isRequested: false)
            try commit.prepare(opened.session, by: deadline)
            let growth = try commit.finish(opened.session, withoutLogAfter: logEnd, by: deadline)
            count = count.map { $0 + growth }
        }
        turn = last
        (session, self.doubt) = (opened, nil)
        return true
    }

    /// Why there is no session.
    private var reason: String { reopening?.reason ?? "the connection was lost" }
}
