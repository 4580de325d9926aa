import PostgreSQL
import Presence

/// The tables of a store on PostgreSQL, in a schema of their own, and their version.
///
/// They are SQLite's (``Schema``) but for what PostgreSQL does otherwise: a text holds no U+0000, so what may have
/// one is bytes of UTF-8; names are in the order of their bytes; no journal lies beside them; and two tables say
/// which bridges share the store, and which of them owns it.
enum DatabaseSchema {
    /// The version that this release writes.
    static var version: Int { steps.count }

    /// What leads from each version to the next; a step is never changed once it was released.
    private static let steps: [[String]] = [
        [
            // The version of the tables, the number of the last transaction that a bridge has made, a random number by
            // which bridges tell whether they share a store, and the prefix of the topics that all of it is about.
            """
            CREATE TABLE store (
                id bigint PRIMARY KEY CHECK (id = 1),
                version bigint NOT NULL,
                sequence bigint NOT NULL,
                store_id bigint NOT NULL,
                topic_prefix text
            )
            """,
            // JSON's numbers are whole up to there.
            "INSERT INTO store VALUES (1, 0, 0, (random() * 9007199254740991)::bigint, NULL)",
            // The bridges that share the store, and when each gave its last sign of life.
            """
            CREATE TABLE bridge (
                id text COLLATE "C" NOT NULL,
                incarnation bigint NOT NULL,
                lease bigint NOT NULL,
                begun timestamptz NOT NULL,
                seen timestamptz NOT NULL,
                serves bigint NOT NULL,
                PRIMARY KEY (id, incarnation)
            )
            """,
            // Who owns the users, by which session, and how often they got another owner.
            """
            CREATE TABLE shard (
                id bigint PRIMARY KEY,
                owner text COLLATE "C",
                incarnation bigint,
                term bigint NOT NULL,
                process bigint,
                process_begun bigint,
                taken timestamptz
            )
            """,
            "INSERT INTO shard (id, term) VALUES (0, 0)",
            """
            CREATE TABLE broker (
                id bigint PRIMARY KEY CHECK (id = 1),
                started bigint,
                epoch bigint NOT NULL,
                is_settled bigint NOT NULL,
                clock bigint NOT NULL,
                last_start bigint NOT NULL,
                kept bigint NOT NULL,
                mark bigint NOT NULL,
                marked_topic text
            )
            """,
            """
            CREATE TABLE "user" (
                id bigint PRIMARY KEY,
                name text COLLATE "C" NOT NULL,
                description bytea NOT NULL,
                description_expires bigint,
                cause text,
                since bigint,
                updated bigint,
                seq bigint NOT NULL
            ) WITH (fillfactor = 80)
            """,
            """
            CREATE TABLE device (
                user_id bigint NOT NULL,
                name text COLLATE "C" NOT NULL,
                status text NOT NULL,
                ttl bigint,
                session bytea,
                epoch bigint NOT NULL,
                heard bigint NOT NULL,
                PRIMARY KEY (user_id, name)
            ) WITH (fillfactor = 80)
            """,
            """
            CREATE TABLE subscription_run (
                id bigint PRIMARY KEY,
                entries bytea NOT NULL
            )
            """,
            """
            CREATE TABLE changes (
                id bigint PRIMARY KEY,
                "user" text COLLATE "C" NOT NULL,
                time bigint NOT NULL,
                type text NOT NULL,
                status text NOT NULL
            )
            """,
            #"CREATE INDEX changes_of_user ON changes ("user", time)"#,
            """
            CREATE TABLE change_log (
                id bigint PRIMARY KEY CHECK (id = 1),
                last bigint NOT NULL,
                cut bigint NOT NULL,
                count bigint NOT NULL
            )
            """,
            "INSERT INTO change_log VALUES (1, 0, 0, 0)",
            """
            CREATE TABLE webhook (
                url text COLLATE "C" PRIMARY KEY,
                taken bigint NOT NULL,
                held bigint NOT NULL,
                passed bigint NOT NULL,
                condensed bigint NOT NULL,
                skipped bigint NOT NULL
            )
            """,
            """
            CREATE TABLE erasure (
                "user" text COLLATE "C" PRIMARY KEY,
                through bigint NOT NULL
            )
            """,
            // How subscriptions look to people and other programs: with a row for each.
            """
            CREATE VIEW subscription AS
            SELECT
                r.id >> 32 AS watcher_id,
                ('x' || encode(substr(r.entries, p + 1, 4), 'hex'))::bit(32)::bigint AS user_id,
                ('x' || encode(substr(r.entries, p + 5, 5), 'hex'))::bit(40)::bigint AS expires
            FROM subscription_run AS r
            CROSS JOIN LATERAL generate_series(
                0, length(r.entries) - \(SubscriptionRun.entryLength), \(SubscriptionRun.entryLength)
            ) AS p
            """,
        ]
    ]

    /// What takes the steps that are left, within a transaction.
    static func steps(from version: Int) -> [SQLStatement] {
        steps.dropFirst(version).joined().map { SQLStatement($0) }
            + [SQLStatement("UPDATE store SET version = $1", .integer(Int64(self.version)))]
    }
}
