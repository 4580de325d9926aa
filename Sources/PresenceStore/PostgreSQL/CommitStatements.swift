import PostgreSQL
import Presence

/// The statements that write the changes of a commit: one for each table and kind of change, however many rows.
struct CommitStatements {
    /// How the number of rows that a table has grown by is told.
    private enum Growth {
        /// The statement returns how many rows are new: those that PostgreSQL inserted have an `xmax` of 0.
        case returned
        /// The statement takes rows away.
        case removed
    }

    private(set) var all: [SQLStatement] = []
    private var growths: [(place: Int, growth: Growth)] = []
    /// By how many the subscriptions grow.
    private var subscriptions: Int64 = 0

    /// - Parameter runs: those of each watcher whose subscriptions change, as ``RunChanges`` needs them.
    init(_ changes: CommitChanges, runs: [UserID: [SubscriptionRun]]) {
        if let broker = changes.broker { put(broker) }
        put(changes.users.compactMap(\.record))
        remove(changes.users.filter { $0.record == nil }.map(\.key))
        put(changes.devices.compactMap(\.record))
        remove(changes.devices.filter { $0.record == nil }.map(\.key))
        change(changes, runs)
        log(changes)
    }

    /// By how many rows the tables have grown, by what the statements have returned.
    func growth(_ tables: some Collection<Table>) -> Int64 {
        let tables = Array(tables)
        return growths.reduce(into: subscriptions) { sum, entry in
            let table = tables[entry.place]
            switch entry.growth {
            case .returned: sum += table.integer(0, 0) ?? 0
            case .removed: sum -= table.written
            }
        }
    }

    private mutating func add(_ sql: String, _ arguments: Argument..., growth: Growth? = nil) {
        if let growth { growths.append((all.count, growth)) }
        all.append(SQLStatement(sql, arguments: arguments))
    }

    private mutating func put(_ broker: BrokerRecord) {
        add(
            """
            INSERT INTO broker VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET \
            started = excluded.started, epoch = excluded.epoch, is_settled = excluded.is_settled, \
            clock = excluded.clock, last_start = excluded.last_start, kept = excluded.kept, \
            mark = excluded.mark, marked_topic = excluded.marked_topic
            """,
            .integer(broker.started),
            .integer(broker.epoch),
            .integer(broker.isSettled ? 1 : 0),
            .integer(broker.clock),
            .integer(broker.lastStart),
            .integer(broker.kept.rawValue),
            .integer(broker.mark),
            .text(broker.markedTopic)
        )
    }

    private mutating func put(_ users: [UserRecord]) {
        guard !users.isEmpty else { return }
        add(
            """
            WITH put AS (INSERT INTO "user" (id, name, description, description_expires, cause, since, \
            updated, seq) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) \
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description, \
            description_expires = excluded.description_expires, cause = excluded.cause, \
            since = excluded.since, updated = excluded.updated, seq = excluded.seq \
            RETURNING xmax = 0 AS is_new) SELECT count(*) FROM put WHERE is_new
            """,
            .integers(users.map { Int64($0.id) }),
            .texts(users.map(\.name.text)),
            .byteStrings(users.map { Array($0.description.utf8) }),
            .integers(users.map(\.descriptionExpires)),
            .texts(users.map { $0.cause?.rawValue }),
            .integers(users.map(\.since)),
            .integers(users.map(\.updated)),
            .integers(users.map(\.seq)),
            growth: .returned
        )
    }

    private mutating func remove(_ users: [UserID]) {
        guard !users.isEmpty else { return }
        add(
            #"DELETE FROM "user" WHERE id = ANY($1)"#,
            .integers(users.map { Int64($0) }),
            growth: .removed
        )
    }

    private mutating func put(_ devices: [DeviceRecord]) {
        guard !devices.isEmpty else { return }
        add(
            """
            WITH put AS (INSERT INTO device (user_id, name, status, ttl, session, epoch, heard) \
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, name) DO UPDATE SET \
            status = excluded.status, ttl = excluded.ttl, session = excluded.session, \
            epoch = excluded.epoch, heard = excluded.heard \
            RETURNING xmax = 0 AS is_new) SELECT count(*) FROM put WHERE is_new
            """,
            .integers(devices.map { Int64($0.user) }),
            .texts(devices.map(\.name.text)),
            .texts(devices.map(\.status.text)),
            .integers(devices.map(\.ttl)),
            .byteStrings(devices.map { $0.session.map { Array($0.utf8) } }),
            .integers(devices.map(\.epoch)),
            .integers(devices.map(\.heard)),
            growth: .returned
        )
    }

    private mutating func remove(_ devices: [DeviceRecord.Key]) {
        guard !devices.isEmpty else { return }
        add(
            """
            DELETE FROM device AS d USING unnest($1, $2) AS k (user_id, name) \
            WHERE d.user_id = k.user_id AND d.name = k.name
            """,
            .integers(devices.map { Int64($0.user) }),
            .texts(devices.map(\.name.text)),
            growth: .removed
        )
    }

    private mutating func change(_ changes: CommitChanges, _ runs: [UserID: [SubscriptionRun]]) {
        var (removed, put) = ([Int64](), [SubscriptionRun]())
        for (watcher, own) in changes.subscriptionsByWatcher {
            let changes = RunChanges(of: watcher, runs[watcher] ?? [], own)
            removed += changes.removed
            put += changes.put
            subscriptions += Int64(changes.growth)
        }
        if !removed.isEmpty {
            add("DELETE FROM subscription_run WHERE id = ANY($1)", .integers(removed))
        }
        if !put.isEmpty {
            add(
                """
                INSERT INTO subscription_run (id, entries) SELECT * FROM unnest($1, $2) \
                ON CONFLICT (id) DO UPDATE SET entries = excluded.entries
                """,
                .integers(put.map(\.id)),
                .byteStrings(put.map(\.bytes))
            )
        }
    }

    private mutating func log(_ changes: CommitChanges) {
        put(changes.webhooks.values.compactMap(\.self))
        let forgotten = changes.webhooks.filter { $0.value == nil }.keys.sorted()
        if !forgotten.isEmpty {
            add("DELETE FROM webhook WHERE url = ANY($1)", .texts(forgotten))
        }
        guard let last = changes.logEnd else { return }
        // Before the rows of `changes`: whoever cuts the log locks this row first, too, so that neither waits for the
        // other in a circle.
        add(
            "UPDATE change_log SET last = $1, count = count + $2",
            .integer(last),
            .integer(Int64(changes.logged.count))
        )
        if !changes.logged.isEmpty {
            add(
                """
                INSERT INTO changes (id, "user", time, type, status) \
                SELECT * FROM unnest($1, $2, $3, $4, $5)
                """,
                .integers(changes.logged.map(\.id)),
                .texts(changes.logged.map(\.user.text)),
                .integers(changes.logged.map(\.time)),
                .texts(changes.logged.map(\.kind.rawValue)),
                .utf8(changes.logged.map(\.status))
            )
        }
        // Of several of one user the last counts, whose id is the highest.
        let erased = Dictionary(changes.erased.map { ($0.user, $0.through) }) { max($0, $1) }
        if !erased.isEmpty {
            add(
                """
                INSERT INTO erasure ("user", through) SELECT * FROM unnest($1, $2) \
                ON CONFLICT ("user") DO UPDATE SET through = excluded.through
                """,
                .texts(erased.keys.map(\.text)),
                .integers(Array(erased.values))
            )
        }
    }

    private mutating func put(_ webhooks: [WebhookPosition]) {
        guard !webhooks.isEmpty else { return }
        add(
            """
            INSERT INTO webhook (url, taken, held, passed, condensed, skipped) \
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6) ON CONFLICT (url) DO UPDATE SET \
            taken = excluded.taken, held = excluded.held, passed = excluded.passed, \
            condensed = excluded.condensed, skipped = excluded.skipped
            """,
            .texts(webhooks.map(\.url)),
            .integers(webhooks.map(\.taken)),
            .integers(webhooks.map(\.held)),
            .integers(webhooks.map(\.passed)),
            .integers(webhooks.map(\.condensed)),
            .integers(webhooks.map(\.skipped))
        )
    }
}
