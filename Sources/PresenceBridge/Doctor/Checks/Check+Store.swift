import Foundation
import PresenceStore

/// Whether the bridge can keep what it must: the file, what lies beside it, and the room for both.
extension Check {
    /// The least bytes that must be free: two journals of the longest kind.
    private static let leastRoom: Int64 = 96 << 20

    static let store: [Check] = [
        Check("store") { examination in
            guard let store = examination.store else { return nil }
            if store.path == ":memory:" {
                return .untold("the store is in memory, and ends with the bridge")
            }
            if let fault = store.fault {
                return .wrong(
                    "\(fault)\(examination.asRoot)",
                    examination.own(
                        "store PATH of a file that the bridge's user may read and write"
                    )
                )
            }
            let words = store.exists ? "\(store.path) is a store" : "\(store.path) will be made"
            return getuid() == 0
                ? .untold("\(words); whether the bridge's user may write it, root cannot tell")
                : .sound(store.exists ? "\(words) that this user may read and write" : words)
        },
        Check("store-folder") { examination in
            guard let store = examination.store else { return nil }
            guard let fault = store.folderFault else {
                return store.path == ":memory:" || store.room == nil
                    ? nil : .sound("files can be made beside it")
            }
            return .wrong(
                "\(fault)",
                examination.shell("chown the folder to the user that the bridge runs as")
            )
        },
        Check("store-lock") { examination in
            guard let store = examination.store, store.exists else { return nil }
            switch store.use {
            case .free: return .sound("no bridge has the store open")
            case .held: return .sound("a bridge has the store open, as it should while it runs")
            case .untold(let reason):
                return .untold("not told: the lock cannot be opened: \(reason)")
            }
        },
        Check("store-version") { examination in
            guard let store = examination.store, store.exists, let version = store.version else {
                return nil
            }
            let current = StoreInspection.currentVersion
            return version == current
                ? .sound("version \(version), as this release writes it")
                : .sound("version \(version): the next start brings it to \(current)")
        },
        Check("store-integrity") { examination in
            guard let store = examination.store, store.exists else { return nil }
            if store.awaitsRecovery {
                return .untold(
                    "not looked through: the last bridge was killed, and the next start reads "
                        + "its log"
                )
            }
            if let damage = store.damage {
                return .wrong(
                    "\(damage)",
                    examination.shell("restore \(store.path) from a backup (docs/operations.md)")
                )
            }
            if store.isWhole { return .sound("all pages of the store are in order") }
            return .untold(
                "not looked through, since it has \(store.size >> 20) MiB: sqlite3 \(store.path) "
                    + "'PRAGMA quick_check'"
            )
        },
        Check("store-journal") { examination in
            guard let store = examination.store, store.exists, !store.awaitsRecovery else {
                return nil
            }
            let (bytes, remarks) = store.journal
            if let bad = remarks.first(where: { $0.weight == .error }) { return .untold("\(bad)") }
            if bytes == 0 { return .sound("the journal is empty") }
            return store.use == .held
                ? .sound("the journal is in use, with \(bytes) bytes")
                : .sound("the journal has \(bytes) bytes that the next start brings in")
        },
        Check("room") { examination in
            guard let store = examination.store, let room = store.room else { return nil }
            let needed = max(leastRoom, 2 * store.size)
            let words = "\(room >> 20) MiB are free beside the store"
            if room >= needed { return .sound(words) }
            return .wrong(
                "\(words); it needs \(needed >> 20) MiB for its journal and SQLite's log",
                examination.own("store PATH on a file system with more room")
            )
        },
    ]
}

extension Examination {
    /// What is to be said of rights where root looks.
    fileprivate var asRoot: String { getuid() == 0 ? " (looked at as root)" : "" }
}
