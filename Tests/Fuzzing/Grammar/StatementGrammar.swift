/// Payloads of device topics.
enum StatementGrammar {
    private static let words = [
        "online", "away", "busy", "dnd", "idle", "coffee", "offline", "lost", "invisible",
        "Online", "OFFLINE", "1", "0", "true", "False", "on", "OFF", "unavailable", "dead",
    ]

    /// A word or an object, mutated now and then.
    static func payload(_ dice: inout Dice) -> [UInt8] {
        var bytes: [UInt8]
        switch dice.roll(8) {
        case 0: bytes = []
        case 1...4:
            bytes = Array(word(&dice).utf8)
            if dice.once(in: 8) { bytes = [0x20, 0x09] + bytes + [0x0D, 0x0A] }
        default: bytes = object(&dice)
        }
        ByteMutation.maybe(&bytes, oneIn: 3, &dice)
        return bytes
    }

    private static func word(_ dice: inout Dice) -> String {
        dice.pick(from: words) ?? "online"
    }

    private static func object(_ dice: inout Dice) -> [UInt8] {
        var members: [String] = []
        if !dice.once(in: 5) {
            members.append(JSONGrammar.member("status", &dice) { JSONGrammar.string(word(&$0)) })
        }
        if dice.once(in: 3) {
            members.append(JSONGrammar.member("ttl", &dice) { "\($0.pick(5, 6, 30, 86_400))" })
        }
        if dice.once(in: 3) {
            members.append(
                JSONGrammar.member("session", &dice) {
                    JSONGrammar.string($0.pick("a", "b", JSONGrammar.text(&$0)))
                }
            )
        }
        if dice.once(in: 6) {
            members.append(
                JSONGrammar.member("by", &dice) { $0.pick("\"presence-bridge\"", "\"other\"") }
            )
        }
        if dice.once(in: 6) {
            members.append(
                JSONGrammar.member("cause", &dice) { $0.pick("\"ttl\"", "\"restart\"", "\"x\"") }
            )
        }
        if dice.once(in: 6) { members.append("\"state\":\"\(word(&dice))\"") }
        return JSONGrammar.object(members, &dice)
    }
}
