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
            return try StoreJudgement.judge(folder, &reached)
        } catch {
            return ["no file can be written: \(error)"]
        }
    }
}
