import GRDB

/// Damage that leaves a database whole and changes what is in it, as a flipped bit in a value does.
enum StoredValues {
    private static let columns: [String: [String]] = [
        "broker": ["started", "epoch", "is_settled", "clock", "last_start"],
        "user": [
            "id", "name", "description", "description_expires", "cause", "since", "updated", "seq",
        ],
        "device": ["user_id", "name", "status", "ttl", "session", "epoch", "heard"],
        "subscription": ["watcher_id", "user_id", "expires"],
    ]

    /// Draws a line of a case: the word `sql` and a statement.
    static func line(_ dice: inout Dice) -> [[UInt8]] {
        let table = dice.pick(from: columns.keys.sorted()) ?? "user"
        let column = dice.pick(from: columns[table] ?? []) ?? "id"
        var sql = "UPDATE OR REPLACE \(table) SET \(column) = \(value(&dice))"
        let key = ["broker": "id", "user": "id", "device": "user_id"][table] ?? "watcher_id"
        if !dice.once(in: 6) { sql += " WHERE \(key) = \(dice.roll(1...20))" }
        if dice.once(in: 12) { sql = "DELETE FROM \(table)" }
        return [Array("sql".utf8), Array(sql.utf8)]
    }

    private static func value(_ dice: inout Dice) -> String {
        switch dice.roll(6) {
        case 0: "NULL"
        case 1: "'user-\(dice.roll(1...20))'"
        case 2: "CAST(x'\(dice.pick("FF", "C3A9", "00", "6100", "65CC81"))' AS TEXT)"
        case 3: "\(dice.roll(1...40))"
        default: "\(Int64(dice.pick(from: MutationPieces.numbers) ?? "0") ?? .max)"
        }
    }

    /// Carries out the statements of a case; one that the database refuses changes nothing.
    static func apply(_ input: Case, in path: String) throws {
        let statements = input.lines.filter { $0.count == 2 && $0[0].text == "sql" }
            .map { $0[1].text }
        guard !statements.isEmpty else { return }
        let queue = try DatabaseQueue(path: path)
        for statement in statements {
            try? queue.writeWithoutTransaction { try $0.execute(sql: statement) }
        }
        try queue.close()
    }
}
