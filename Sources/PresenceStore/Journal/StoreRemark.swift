/// What the operator is told of a store that goes on all the same.
public enum StoreRemark: Hashable, Sendable {
    /// How much it matters.
    public enum Weight: Hashable, Sendable {
        /// As after every kill.
        case info
        /// Something that was wrong is right again.
        case notice
        /// Something is wrong.
        case error
    }

    /// Turns that the last bridge had only journaled were brought into SQLite.
    case broughtIn(turns: Int)
    /// The last record of a file of the journal is not whole, and was cut off.
    case tornJournal(file: String, offset: Int, bytes: Int)
    /// A record of the journal is damaged; it and what is behind it were left out.
    case damagedJournal(file: String, offset: Int, bytes: Int)
    /// Turns in the journal do not follow on what SQLite has, and were left out.
    case leftOut(turns: Int)
    /// The journal cannot be written, and each turn goes to SQLite at once.
    case notJournaled(reason: String)
    /// SQLite does not take what is journaled.
    case notApplied(reason: String)
    /// SQLite takes what is journaled again.
    case appliedAgain
    /// Changes were cut off the change log before their time, since it has as many as it may have.
    case cutOff(changes: Int64)
    /// What SQLite did not take at the end stays in the journal.
    case leftBehind(reason: String)
    /// The connection to the database is lost.
    case databaseLost(reason: String)
    /// The database is there again.
    case databaseFound
    /// The store is this bridge's no more, and never will be again.
    case storeLost(reason: String)
    /// The lease of the store's owner is over: it gave no sign of life for so many milliseconds, and its session is ended.
    case judged(bridge: String, silence: Int64)

    /// How much it matters.
    public var weight: Weight {
        switch self {
        case .broughtIn, .tornJournal: .info
        case .appliedAgain, .cutOff, .databaseFound, .judged: .notice
        case .damagedJournal, .leftOut, .notJournaled, .notApplied, .leftBehind, .databaseLost,
            .storeLost:
            .error
        }
    }
}

extension StoreRemark: CustomStringConvertible {
    /// One sentence, or a few.
    public var description: String {
        switch self {
        case .broughtIn(let turns):
            "the last bridge did not end in order: \(turns) turns were brought from the journal into the store"
        case .tornJournal(let file, let offset, let bytes):
            """
            \(file): the last record, at byte \(offset), was not written whole; its \(bytes) bytes were \
            cut off
            """
        case .damagedJournal(let file, let offset, let bytes):
            """
            \(file) is damaged at byte \(offset): that record and what follows it, \(bytes) bytes, were \
            left out. What devices had stated in it is read again from the broker.
            """
        case .leftOut(let turns):
            """
            \(turns) turns in the journal were left out, since those before them are missing, as after \
            a loss of power or with a store from a backup. What devices had stated in them is read \
            again from the broker.
            """
        case .notJournaled(let reason):
            "\(reason) What devices change goes to the store itself meanwhile, which takes longer."
        case .notApplied(let reason):
            "\(reason) What devices change is kept in the journal meanwhile; trying again."
        case .appliedAgain: "the store takes what was kept in the journal"
        case .cutOff(let changes):
            """
            the change log has more changes than history_rows allows: the oldest \(changes) were cut off before \
            history_keep was over
            """
        case .databaseLost(let reason):
            "the database is away: \(reason). What devices change is stored when it is there again."
        case .storeLost(let reason): "the store is this bridge's no more: \(reason)."
        case .databaseFound: "the database is there again"
        case .judged(let bridge, let silence):
            """
            bridge '\(bridge)' owns the store, and has given no sign of life for \(silence / 1_000) s: its session with \
            the database is ended
            """
        case .leftBehind(let reason):
            """
            \(reason) What devices have changed stays in the journal beside it, which the next start \
            brings in.
            """
        }
    }
}
