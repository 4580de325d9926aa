import PostgreSQL

/// What there is of a store in a schema: nothing, tables of some version, or something of another program's.
struct DatabaseTables {
    let address: DatabaseAddress
    let connection: Session

    /// What there is of the schema and its tables.
    ///
    /// - Throws: `StoreError.otherTables` where they are another program's.
    func find(by deadline: Deadline) throws -> (hasSchema: Bool, hasTables: Bool) {
        let table = try connection.run(
            SQLStatement(
                """
                SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = $1), count(*), \
                count(*) FILTER (WHERE relname IN ('store', 'subscription_run', 'change_log')), \
                (SELECT has_schema_privilege(oid, 'USAGE')::int::bigint FROM pg_namespace \
                WHERE nspname = $1) \
                FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
                """,
                .text(address.schema)
            ),
            by: deadline
        )
        // Without that right its tables would seem not to be there.
        if table.integer(0, 3) == 0 {
            let words = "permission denied for schema \(address.schema)"
            throw PostgreSQLError.refused(code: "42501", words: words)
        }
        let hasTables = table.integer(0, 1) != 0
        guard !hasTables || table.integer(0, 2) == 3 else {
            throw StoreError.otherTables(path: address.shown)
        }
        return (table.integer(0, 0) != 0, hasTables)
    }

    /// Makes the schema and its tables where there is nothing, all or none.
    func make(by deadline: Deadline) throws {
        guard try !find(by: deadline).hasTables else { return }
        try connection.run(
            [
                SQLStatement("BEGIN"),
                // Of two bridges that find nothing one makes it.
                SQLStatement("SELECT pg_advisory_xact_lock($1)", .integer(StoreSession.lockClass)),
            ],
            by: deadline
        )
        let found: (hasSchema: Bool, hasTables: Bool)
        do {
            found = try find(by: deadline)
        } catch {
            _ = try? connection.run(SQLStatement("ROLLBACK"), by: deadline)
            throw error
        }
        let schema =
            found.hasSchema ? [] : [SQLStatement("CREATE SCHEMA \(address.quotedSchema)")]
        let tables = found.hasTables ? [] : DatabaseSchema.steps(from: 0)
        try connection.run(schema + tables + [SQLStatement("COMMIT")], by: deadline)
    }

    /// Reads the version of the tables.
    ///
    /// - Throws: `StoreError.newerVersion` for one that this release cannot read.
    func version(by deadline: Deadline) throws -> Int {
        let table = try connection.run(SQLStatement("SELECT version FROM store"), by: deadline)
        guard let version = table.integer(0, 0).flatMap({ Int(exactly: $0) }), version >= 0 else {
            throw Damage(reason: "the table store holds no version")
        }
        let known = DatabaseSchema.version
        guard version <= known else {
            throw StoreError.newerVersion(path: address.shown, found: version, known: known)
        }
        return version
    }

    /// Brings the tables to this release's version.
    func bringUp(by deadline: Deadline) throws {
        let version = try version(by: deadline)
        guard version < DatabaseSchema.version else { return }
        try connection.run(
            [SQLStatement("BEGIN")] + DatabaseSchema.steps(from: version)
                + [SQLStatement("COMMIT")],
            by: deadline
        )
    }

    /// Throws if the tables are those of a service with another prefix of its topics.
    func checkPrefix(of member: Member, by deadline: Deadline) throws {
        guard let prefix = member.topicPrefix else { return }
        let rows = PostgreSQLRows(
            try connection.run(SQLStatement("SELECT topic_prefix FROM store"), by: deadline)
        )
        guard try rows.next(), let found = try rows.optionalText(0, "store.topic_prefix"),
            found != prefix
        else { return }
        throw StoreError.otherPrefix(path: address.shown, found: found)
    }

    /// Reads the number of the last transaction that a bridge has made, and the store's own.
    func numbers(by deadline: Deadline) throws -> (sequence: Int64, store: Int64) {
        let table = try connection.run(
            SQLStatement("SELECT sequence, store_id FROM store"),
            by: deadline
        )
        guard let sequence = table.integer(0, 0), JournalRecord.sequences.contains(sequence),
            let store = table.integer(0, 1)
        else { throw Damage(reason: "the table store holds no sequence number") }
        return (sequence, store)
    }

    /// Counts the users, devices and subscriptions.
    func countRows(by deadline: Deadline) throws -> Int64 {
        let sql = """
            SELECT (SELECT count(*) FROM "user") + (SELECT count(*) FROM device) \
            + (SELECT coalesce(sum(length(entries)), 0)::bigint / \(SubscriptionRun.entryLength) \
            FROM subscription_run)
            """
        return try connection.run(SQLStatement(sql), by: deadline).integer(0, 0) ?? 0
    }
}
