import DatabaseFixture

/// What a store is kept in.
enum Engine: CaseIterable, Sendable {
    /// A file of SQLite's.
    case sqlite
    /// SQLite's, and gone with the object.
    case memory
    /// A schema of a PostgreSQL database.
    case postgreSQL

    /// Those that can be had here, and that keep what a store has left behind.
    static var here: [Engine] { all.filter { $0 != .memory } }

    /// Those that can be had here.
    static var all: [Engine] {
        allCases.filter { $0 != .postgreSQL || DatabaseServer.isUsed }
    }
}
