import PresenceStore

/// Whether the bridge can keep what it must in its database: that it gets in, that it may make and write the tables,
/// and how safe what is written is there.
extension Check {
    static let database: [Check] = [
        Check("database") { examination in
            guard let database = examination.database else { return nil }
            if let fault = database.fault {
                return .wrong(
                    "\(fault)",
                    examination.own(
                        "store postgresql://USER@HOST:PORT/DATABASE of one that lets the bridge in"
                    )
                )
            }
            return .sound(
                "\(database.shown) lets the bridge in: PostgreSQL \(database.server ?? "")"
            )
        },
        Check("database-tables") { examination in
            guard let database = examination.database, database.fault == nil else { return nil }
            if database.exists { return .sound("its tables are there") }
            if database.canMake { return .sound("its tables will be made") }
            return .wrong(
                "its tables are not there, and this user may not make them",
                examination.shell("psql -c 'GRANT CREATE ON DATABASE ... TO ...', as its owner")
            )
        },
        Check("database-version") { examination in
            guard let version = examination.database?.version else { return nil }
            let current = DatabaseInspection.currentVersion
            if version == current { return .sound("version \(version), as this release writes it") }
            return version < current
                ? .sound("version \(version): the next start brings it to \(current)")
                : .wrong(
                    "version \(version) is of a later release; this one reads up to version \(current)",
                    examination.own("store_schema NAME of another schema, or take that release")
                )
        },
        Check("database-lock") { examination in
            guard let database = examination.database, database.exists else { return nil }
            return database.isHeld
                ? .sound("a bridge has the store open, as it should while it runs")
                : .sound("no bridge has the store open")
        },
        Check("database-safety") { examination in
            guard let safety = examination.database?.safety else { return nil }
            guard safety.fsync == "on" else {
                return .wrong(
                    "fsync is \(safety.fsync): a loss of power may destroy the database",
                    examination.shell("fsync = on in postgresql.conf")
                )
            }
            let isWeak = safety.synchronousCommit == "off"
            guard isWeak, examination.settings.store.sync == .normal else {
                return .sound("what was acknowledged survives a crash of the database")
            }
            return .untold(
                "synchronous_commit is off: a crash of the database may take what was acknowledged last; store_sync"
                    + " full asks for more"
            )
        },
    ]
}
