import Presence
import PresenceCore
import PresenceStore

/// Damaged store files: one that is taken holds only what a bridge can go on with, and one that is
/// refused stays byte for byte as it was.
public struct StoreTarget: Target {
    /// See ``Target/name``.
    public let name = "store"

    /// See ``Target/draw(_:)``.
    public func draw(_ dice: inout Dice) -> Case {
        let ending = dice.pick(from: StoreSample.Ending.allCases) ?? .closed
        let values = ending == .closed && dice.once(in: 2)
        let edits = (0..<dice.pick(1, 1, 1, 2, 2, 3, 8)).map { _ in
            values ? StoredValues.line(&dice) : StoreEdit(&dice).words
        }
        return Case([[Array(ending.rawValue.utf8)]] + edits)
    }

    /// See ``Target/judge(_:reached:)``.
    public func judge(_ input: Case, reached: inout Set<String>) -> [String] {
        let ending = input.lines.first?.first.flatMap { StoreSample.Ending(rawValue: $0.text) }
        guard var sample = StoreSample.all[ending ?? .closed] else { return ["no store is made"] }
        do {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            try folder.write(sample.main, to: "store")
            if ending == .closed { try StoredValues.apply(input, in: folder.path("store")) }
            if let main = folder.bytes("store") { sample.main = main }
            for edit in input.lines.compactMap(StoreEdit.init) { edit.apply(to: &sample) }
            try folder.write(sample.main, to: "store")
            if let log = sample.log { try folder.write(log, to: "store-wal") }
            return try judge(folder, &reached)
        } catch {
            return ["no file can be written: \(error)"]
        }
    }

    private func judge(
        _ folder: TemporaryFolder,
        _ reached: inout Set<String>
    ) throws -> [String] {
        let before = folder.contents
        var changes: [Change] = []
        do {
            let store = try SQLiteStore(path: folder.path("store"), synchronous: .normal)
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
    private func goOn(_ changes: [Change], _ store: SQLiteStore) -> [String] {
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
            let saves = effects.compactMap {
                if case .save(let change) = $0 { change } else { nil }
            }
            do {
                try store.commit(saves)
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
