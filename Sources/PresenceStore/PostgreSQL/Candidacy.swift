import Foundation
import PostgreSQL

/// A bridge that wants a store in a database: it waits until no other bridge owns the store, and then takes it.
///
/// The owner holds a lock that goes with its session: when the owner is killed, the lock is free at once. An owner that
/// stands still keeps the lock; so each owner that serves gives a sign of life three times in its lease, and once a second
/// at least. A candidate that finds the last sign older than the lease, by the database's clock, ends the owner's
/// session. A candidate judges nobody before it has itself looked for a whole lease without a break: behind a pause of
/// the database everybody's signs are old.
public final class Candidacy {
    /// What a look has found.
    public enum Outcome {
        /// The store is this bridge's.
        case owns(PostgreSQLStore)
        /// Another bridge owns it; its id, where that is known.
        case waits(for: String?)
    }

    /// How long a look may take, in milliseconds.
    private static let patience: Int64 = 5_000

    private let address: DatabaseAddress
    private let member: Member
    private let onRemark: (StoreRemark) -> Void
    private var session: StoreSession?
    /// Since when this bridge has looked without a break.
    private var unbroken: ContinuousClock.Instant?
    private var looked: ContinuousClock.Instant?
    /// The session of an owner that was judged last.
    private var judged: Backend?

    /// A candidate.
    ///
    /// - Parameter onRemark: called on the thread that uses the store, with what the operator is to know.
    public init(
        _ address: DatabaseAddress,
        of member: Member,
        onRemark: @escaping (StoreRemark) -> Void
    ) {
        self.address = address
        self.member = member
        self.onRemark = onRemark
    }

    /// Looks whether the store is free, and takes it then; call it some times a second.
    ///
    /// - Throws: why nobody gets in, or why there can be no store. The next look tries again.
    public func look() throws(StoreError) -> Outcome {
        do {
            return try look(by: Deadline(in: Self.patience))
        } catch {
            (session, unbroken) = (nil, nil)
            throw StoreError(error, doing: .opening, path: address.shown)
        }
    }

    /// Takes the bridge off the list of those that are there.
    public func leave() {
        let deadline = Deadline(in: Self.patience)
        let opened = session ?? (try? StoreSession.open(address, by: deadline))
        session = nil
        _ = try? opened?.connection.run(Membership.leaving(member), by: deadline)
    }

    private func look(by deadline: Deadline) throws -> Outcome {
        noteLook()
        let session = try self.session ?? open(by: deadline)
        self.session = session
        try session.connection.run(Membership.signing(member), by: deadline)
        let owner = try Membership.owner(session.connection, by: deadline)
        if let owner, owner.comesBack { return .waits(for: owner.id) }
        if try session.takesLock(by: deadline) {
            self.session = nil
            return .owns(
                try PostgreSQLStore(
                    address,
                    session.owned(by: member, deadline),
                    of: member,
                    onRemark: onRemark
                )
            )
        }
        if let owner { try judge(owner, session, by: deadline) }
        return .waits(for: owner?.id)
    }

    private func open(by deadline: Deadline) throws -> StoreSession {
        let opened = try StoreSession.open(address, by: deadline)
        try opened.checkPrefix(of: member, by: deadline)
        return opened
    }

    /// Notes that it is looked now: behind a break the time without one begins anew.
    private func noteLook() {
        let now = ContinuousClock.now
        if let looked, now - looked > .milliseconds(member.longestBreak) { unbroken = nil }
        (looked, unbroken) = (now, unbroken ?? now)
    }

    /// Ends the owner's session if its lease is over.
    private func judge(
        _ owner: Membership.Owner,
        _ session: StoreSession,
        by deadline: Deadline
    ) throws {
        let now = ContinuousClock.now
        let mayJudge = unbroken.map { now - $0 >= .milliseconds(member.lease) } ?? false
        guard owner.isOverdue, mayJudge else { return }
        if judged != owner.backend { onRemark(.judged(bridge: owner.id, silence: owner.silence)) }
        judged = owner.backend
        try owner.backend.end(by: session.connection, deadline)
    }
}
