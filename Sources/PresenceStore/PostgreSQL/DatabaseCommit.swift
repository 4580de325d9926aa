import PostgreSQL
import Presence

/// One transaction that stores changes: what it needs to know is read first, and then all is written at once.
struct DatabaseCommit {
    private let changes: CommitChanges
    private let number: Int64
    private let isRequested: Bool
    /// What was there before of the runs that subscriptions are put into.
    private var runs: [UserID: [SubscriptionRun]] = [:]
    /// What was there before of the users that a request has changed.
    private var users: [UserID: UserRecord] = [:]
    /// What was erased before of the changes of the users that a request erases, and up to which id.
    private var erased: [Name: Int64] = [:]
    private var hasBegun = false

    /// - Parameters:
    ///   - number: the number of the transaction.
    ///   - isRequested: whether it is undone if it turns out to be done after whoever asked was told that it was not.
    init(_ changes: [Change], number: Int64, isRequested: Bool) {
        self.changes = CommitChanges(changes)
        self.number = number
        self.isRequested = isRequested
    }

    private var beginning: [SQLStatement] {
        [SQLStatement("BEGIN"), SQLStatement("UPDATE store SET sequence = $1", .integer(number))]
    }

    /// What puts back the subscriptions and users that requests have changed, and the changes they have erased.
    ///
    /// What devices say is written again by whoever wanted it stored.
    var undoing: [Change] {
        guard isRequested else { return [] }
        var undoing: [Change] = changes.users.map { row in
            users[row.key].map(Change.putUser) ?? .removeUser(row.key)
        }
        for row in changes.subscriptions {
            let before = runs[row.key.watcher]?.lazy.flatMap(\.watched)
                .first { $0.user == row.key.user }
            undoing.append(
                before.map { .putSubscription(SubscriptionRecord(row.key.watcher, $0)) }
                    ?? .removeSubscription(watcher: row.key.watcher, user: row.key.user)
            )
        }
        return undoing
            + changes.erased.map { .log(.erase($0.user, through: erased[$0.user] ?? 0)) }
    }

    /// Begins the transaction where something must be read first.
    mutating func prepare(_ session: Session, by deadline: Deadline) throws {
        let asksUsers = isRequested && !changes.users.isEmpty
        let asksRuns = !changes.subscriptions.isEmpty
        let asksErased = isRequested && !changes.erased.isEmpty
        guard asksUsers || asksRuns || asksErased else { return }
        var statements = beginning
        if asksRuns { statements.append(runsAsked) }
        if asksUsers { statements.append(usersAsked) }
        if asksErased { statements.append(erasedAsked) }
        let tables = try session.run(statements, by: deadline)
        hasBegun = true
        var found = tables.dropFirst(beginning.count).map { PostgreSQLRows($0) }[...]
        do {
            if asksRuns { try takeRuns(found.removeFirst()) }
            if asksUsers { try takeUsers(found.removeFirst()) }
            if asksErased { try takeErased(found.removeFirst()) }
        } catch {
            _ = try? session.run(SQLStatement("ROLLBACK"), by: deadline)
            throw error
        }
    }

    /// Writes all, and ends the transaction; returns by how many rows the tables have grown.
    ///
    /// - Parameter end: behind which id the change log has nothing afterwards; `nil` where the change log is left as it is.
    func finish(
        _ session: Session,
        withoutLogAfter end: Int64? = nil,
        by deadline: Deadline
    ) throws -> Int64 {
        let statements = CommitStatements(changes, runs: runs)
        let head = hasBegun ? [] : beginning
        let withdrawing = end.map(Self.withdrawing) ?? []
        let tables = try session.run(
            head + statements.all + withdrawing + [SQLStatement("COMMIT")],
            by: deadline
        )
        return statements.growth(tables[head.count...])
    }

    private static func withdrawing(after end: Int64) -> [SQLStatement] {
        [
            SQLStatement(
                """
                UPDATE change_log SET last = $1, \
                count = count - (SELECT count(*) FROM changes WHERE id > $1)
                """,
                .integer(end)
            ), SQLStatement("DELETE FROM changes WHERE id > $1", .integer(end)),
        ]
    }

    // MARK: - What is read

    /// Asks for the runs of each watcher that changes are about, and the one behind them.
    private var runsAsked: SQLStatement {
        var (low, first, last, high) = ([Int64?](), [Int64?](), [Int64?](), [Int64?]())
        for (watcher, own) in changes.subscriptionsByWatcher {
            low.append(SubscriptionRun.id(of: watcher, .everyone))
            first.append(SubscriptionRun.id(of: watcher, own.first?.key.user ?? .everyone))
            last.append(SubscriptionRun.id(of: watcher, own.last?.key.user ?? .everyone))
            high.append(SubscriptionRun.id(of: watcher, .max))
        }
        return SQLStatement(
            """
            SELECT r.id, r.entries FROM unnest($1, $2, $3, $4) AS k (low, first, last, high) \
            CROSS JOIN LATERAL (SELECT id, entries FROM subscription_run WHERE id >= \
            coalesce((SELECT max(id) FROM subscription_run WHERE id BETWEEN k.low AND k.first), k.low) \
            AND id <= coalesce((SELECT min(id) FROM subscription_run \
            WHERE id > k.last AND id <= k.high), k.high)) AS r ORDER BY r.id
            """,
            .integers(low),
            .integers(first),
            .integers(last),
            .integers(high)
        )
    }

    private var usersAsked: SQLStatement {
        SQLStatement(
            "SELECT \(UserRecord.columns) FROM \"user\" WHERE id = ANY($1)",
            .integers(changes.users.map { Int64($0.key) })
        )
    }

    private var erasedAsked: SQLStatement {
        SQLStatement(
            "SELECT \"user\", through FROM erasure WHERE \"user\" = ANY($1)",
            .texts(changes.erased.map(\.user.text))
        )
    }

    private mutating func takeErased(_ rows: PostgreSQLRows) throws {
        while try rows.next() {
            let user = Name(checked: try rows.text(0, "erasure.user"))
            erased[user] = try rows.integer(1, "erasure.through")
        }
    }

    private mutating func takeRuns(_ rows: PostgreSQLRows) throws {
        while try rows.next() {
            let run = try SubscriptionRun(rows)
            runs[run.watcher, default: []].append(run)
        }
    }

    private mutating func takeUsers(_ rows: PostgreSQLRows) throws {
        while try rows.next() {
            let id = try rows.userID(0, "user.id")
            users[id] = try UserRecord(id, rows)
        }
    }
}
