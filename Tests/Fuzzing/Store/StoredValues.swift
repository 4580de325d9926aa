import GRDB

/// Damage that leaves a database whole and changes what is in it, as a flipped bit in a value does.
enum StoredValues {
    private static let columns: [String: [String]] = [
        "broker": ["started", "epoch", "is_settled", "clock", "last_start"],
        "user": [
            "id", "name", "description", "description_expires", "cause", "since", "updated", "seq",
        ],
        "device": ["user_id", "name", "status", "ttl", "session", "epoch", "heard"],
        "subscription_run": ["id", "entries"],
    ]

    /// Draws a line of a case: the word `sql` and a statement.
    static func line(_ dice: inout Dice) -> [[UInt8]] {
        let table = dice.pick(from: columns.keys.sorted()) ?? "user"
        let column = dice.pick(from: columns[table] ?? []) ?? "id"
        let value = column == "entries" ? entries(&dice) : value(&dice)
        var sql = "UPDATE OR REPLACE \(table) SET \(column) = \(value)"
        let key = ["broker": "id", "user": "id", "device": "user_id"][table] ?? "id >> 32"
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

    /// Subscriptions of a run, nine bytes each: four of the user's number and five of the end.
    private static func entries(_ dice: inout Dice) -> String {
        switch dice.roll(6) {
        case 0: value(&dice)
        case 1: "zeroblob(\(dice.roll(1_500)))"
        case 2: "substr(entries, \(dice.roll(1...20)))"
        case 3: "CAST(entries || entries AS BLOB)"
        case 4: "CAST(entries || x'000000\(dice.pick("01", "14", "FF"))0000000000' AS BLOB)"
        default: "CAST(x'\(dice.pick("00", "FF"))' || substr(entries, 2) AS BLOB)"
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
