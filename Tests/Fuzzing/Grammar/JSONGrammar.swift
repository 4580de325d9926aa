/// Members and values of JSON, mostly as the protocol wants them.
enum JSONGrammar {
    /// A member whose value is as it should be, or at a limit, or of another type.
    static func member(_ key: String, _ dice: inout Dice, _ usual: (inout Dice) -> String) -> String
    {
        let value: String
        switch dice.roll(12) {
        case 0: value = any(&dice, depth: 2)
        case 1: value = dice.pick(from: MutationPieces.numbers) ?? "0"
        default: value = usual(&dice)
        }
        return "\(string(key)):\(value)"
    }

    /// An object of members, with one that nobody knows now and then.
    static func object(_ members: [String], _ dice: inout Dice) -> [UInt8] {
        var members = members
        if dice.once(in: 8) { members.append("\"x-\(dice.roll(9))\":\(any(&dice, depth: 3))") }
        if dice.once(in: 16), let twice = dice.pick(from: members) { members.append(twice) }
        let separator = dice.once(in: 8) ? " ,\n" : ","
        return Array("{\(members.joined(separator: separator))}".utf8)
    }

    /// A string of JSON.
    static func string(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\u{0}"..."\u{1F}":
                "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }

    /// Text of some length.
    static func text(_ dice: inout Dice) -> String {
        let piece = dice.pick(from: ["a", "back at 5", "\u{E9}"] + MutationPieces.texts) ?? "a"
        return String(repeating: piece, count: dice.pick(0, 1, 1, 1, 2, 64, 129, 1_024, 1_025))
    }

    /// Any value.
    static func any(_ dice: inout Dice, depth: Int) -> String {
        switch dice.roll(depth > 0 ? 8 : 6) {
        case 0: return "null"
        case 1: return dice.pick("true", "false")
        case 2: return dice.pick(from: MutationPieces.numbers) ?? "0"
        case 3, 4, 5: return string(text(&dice))
        case 6:
            let count = dice.roll(4)
            let values = (0..<count).map { _ in any(&dice, depth: depth - 1) }
            return "[\(values.joined(separator: ","))]"
        default:
            let count = dice.roll(4)
            let members = (0..<count).map { _ in "\"k\":\(any(&dice, depth: depth - 1))" }
            return "{\(members.joined(separator: ","))}"
        }
    }
}
