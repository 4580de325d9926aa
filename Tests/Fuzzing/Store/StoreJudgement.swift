import Presence
import PresenceCore
import PresenceStore

/// What must hold of a store whatever its files look like: one that is taken holds only what a bridge can go
/// on with, and one that is refused stays byte for byte as it was.
enum StoreJudgement {
    /// Opens the store of a folder, reads it, and goes on with it if it is taken.
    static func judge(
        _ folder: TemporaryFolder,
        _ reached: inout Set<String>
    ) throws -> [String] {
        let before = folder.contents
        var changes: [Change] = []
        do {
            var remarks: [StoreRemark] = []
            let store = try JournaledStore(path: folder.path("store"), synchronous: .normal) {
                remarks.append($0)
            }
            defer { reached.formUnion(remarks.map(\.kind)) }
            try store.replay { changes.append($0) }
            reached.insert("taken")
            let broken = StoredRules(changes).broken + goOn(changes, store)
            store.close()
            return broken
        } catch {
            reached.insert(error.kind)
            guard !"\(error)".isEmpty else { return ["a store is refused without a word"] }
            let after = folder.contents
            return after == before
                ? [] : ["a refused store was changed: \(after.keys.sorted()), \(error)"]
        }
    }

    /// A core is restored from what was read, serves, is asked, and stores.
    private static func goOn(_ changes: [Change], _ store: JournaledStore) -> [String] {
        var core = PresenceCore(limits: Limits())
        for change in changes { core.restore(change) }
        core.endRestoring()
        var now = Instant(uptime: 1_000, unix: 1_750_000_000_000)
        _ = core.start(at: now)
        var effects: [Effect] = []
        core.handle(.brokerFound, at: now, into: &effects)
        for turn in 0..<10 {
            var inputs = effects.compactMap { effect in
                if case .read(let id, _) = effect { Input.readingEnded(id) } else { nil }
            }
            if turn == 5 { inputs += changes.compactMap(\.description) }
            effects = []
            for input in inputs + [.turnEnded] { core.handle(input, at: now, into: &effects) }
            let saves = effects.flatMap { effect -> [Change] in
                if case .save(let changes, _) = effect { changes } else { [] }
            }
            do {
                try store.commit(saves, isRequested: turn.isMultiple(of: 2))
                core.handle(.saved, at: now, into: &effects)
            } catch StoreError.damaged {
                // Some damage shows only where something is written, and then the store says so.
                core.handle(.saveFailed("damaged"), at: now, into: &effects)
            } catch {
                return ["what a core restored from it wants stored is refused: \(error)"]
            }
            now = Instant(uptime: now.uptime + 1_000, unix: now.unix + 1_000)
        }
        return []
    }
}

extension Change {
    /// A user who is there describes itself, which changes its status.
    fileprivate var description: Input? {
        guard case .putUser(let record) = self else { return nil }
        return .requestReceived(
            RequestMessage(
                user: record.name,
                device: Name(checked: "phone"),
                operation: "publish",
                payload: Array("{\"description\":\"here\"}".utf8)
            )
        )
    }
}

extension TemporaryFolder {
    /// The bytes of every file in it that has any: SQLite takes an empty log away.
    fileprivate var contents: [String: [UInt8]] {
        let files = Dictionary(uniqueKeysWithValues: names.map { ($0, bytes($0) ?? []) })
        return files.filter { !$0.value.isEmpty }
    }
}

extension StoreError {
    /// Its case's name.
    fileprivate var kind: String { "\(Mirror(reflecting: self).children.first?.label ?? "")" }
}

extension StoreRemark {
    /// Its case's name.
    fileprivate var kind: String { "\(Mirror(reflecting: self).children.first?.label ?? "")" }
}
