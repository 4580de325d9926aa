/// Names of users and devices: few, so that the inputs of one run speak of the same ones, and now
/// and then one that is odd.
enum NameGrammar {
    static let users = ["alice", "bob", "carol", "d\u{E9}d\u{E9}", "de\u{301}de\u{301}"]
    static let devices = ["phone", "web-7f3a", "tv"]

    /// A user of the few, or an odd one.
    static func user(_ dice: inout Dice) -> String {
        dice.once(in: 16) ? odd(&dice) : dice.pick(from: users) ?? "alice"
    }

    /// A device of the few, or an odd one.
    static func device(_ dice: inout Dice) -> String {
        dice.once(in: 16) ? odd(&dice) : dice.pick(from: devices) ?? "phone"
    }

    private static func odd(_ dice: inout Dice) -> String {
        switch dice.roll(4) {
        case 0: String(repeating: "n", count: dice.pick(from: MutationPieces.lengths) ?? 1)
        case 1:
            "e" + String(repeating: "\u{301}", count: dice.pick(from: MutationPieces.lengths) ?? 1)
        case 2: (dice.pick(from: MutationPieces.texts) ?? "x") + "alice"
        default: dice.pick("", "$bob", "u1", "u2", "u3", "u4", "u5", "u6", "bo\u{0}b", "a b", "%u")
        }
    }
}
