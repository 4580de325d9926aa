import Presence

/// Operations and their payloads.
enum RequestGrammar {
    /// One of the operations, or none that there is.
    static func operation(_ dice: inout Dice) -> String {
        if dice.once(in: 20) { return dice.pick("", "Subscribe", "device", "announce", "x\u{0}") }
        return dice.pick(from: Request.Operation.allCases)?.rawValue ?? "get"
    }

    /// A payload as the operation wants it, mutated now and then.
    static func payload(of operation: String, _ dice: inout Dice) -> [UInt8] {
        if dice.once(in: 24) { return [] }
        var members: [String] = []
        if dice.once(in: 2) {
            members.append(
                JSONGrammar.member("id", &dice) {
                    $0.pick("1", "-7", JSONGrammar.string(JSONGrammar.text(&$0)))
                }
            )
        }
        if dice.once(in: 100) {
            let length = dice.pick(65_000, 65_536, 66_000)
            members.append("\"x\":\(JSONGrammar.string(String(repeating: "x", count: length)))")
        }
        members += parameters(of: Request.Operation(rawValue: operation) ?? .get, &dice)
        var bytes = JSONGrammar.object(members, &dice)
        ByteMutation.maybe(&bytes, oneIn: 4, &dice)
        return bytes
    }

    private static func parameters(
        of operation: Request.Operation,
        _ dice: inout Dice
    ) -> [String] {
        switch operation {
        case .subscribe: target(&dice) + some("expiry", &dice, expiry)
        case .unsubscribe: target(&dice)
        case .publish:
            [
                JSONGrammar.member("description", &dice) {
                    JSONGrammar.string(JSONGrammar.text(&$0))
                }
            ] + some("expiry", &dice, expiry)
        case .get: [usernames(&dice)] + some("brief", &dice) { $0.pick("true", "false") }
        case .online, .watchers: some("pageSize", &dice, size) + some("cursor", &dice, cursor)
        case .subscriptions:
            some("pageSize", &dice, size) + some("pageNum", &dice) { $0.pick("0", "1", "2") }
        case .sync:
            some("after", &dice) { $0.pick("0", "1700000000", "1700000100") }
                + some("pageSize", &dice, size) + some("cursor", &dice, cursor)
        case .history:
            some("after", &dice) { $0.pick("0", "-1", "1700000000") }
                + some("before", &dice) { $0.pick("0", "1700000050", "9223372036854775807") }
                + some("pageSize", &dice, size) + some("cursor", &dice, cursor)
        }
    }

    private static func some(
        _ key: String,
        _ dice: inout Dice,
        _ usual: (inout Dice) -> String
    ) -> [String] {
        dice.once(in: 2) ? [JSONGrammar.member(key, &dice, usual)] : []
    }

    private static func target(_ dice: inout Dice) -> [String] {
        switch dice.roll(8) {
        case 0: ["\"all\":true"]
        case 1: ["\"all\":false", usernames(&dice)]
        case 2: []
        default: [usernames(&dice)]
        }
    }

    private static func usernames(_ dice: inout Dice) -> String {
        JSONGrammar.member("usernames", &dice) { dice in
            // Past the limits of requests now and then.
            let count = dice.pick(1, 1, 2, 2, 3, 5, 0, dice.pick(99, 100, 101, 1_000, 1_001))
            let names = (0..<count).map { place in
                JSONGrammar.string(place < 8 ? NameGrammar.user(&dice) : "u\(place)")
            }
            return "[\(names.joined(separator: ","))]"
        }
    }

    private static func expiry(_ dice: inout Dice) -> String {
        dice.pick("1", "2", "10", "60", "3600", "604800", "2592000")
    }

    private static func size(_ dice: inout Dice) -> String { dice.pick("1", "2", "50", "500", "0") }

    private static func cursor(_ dice: inout Dice) -> String {
        JSONGrammar.string(dice.pick("", "1", "1-", "2-1z141z3", "-", "4294967295-0", "last"))
    }
}
