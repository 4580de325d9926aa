import Presence

/// Payloads that a bridge may find retained on a status topic: its own of another time, or what
/// somebody with the right to write there left behind.
enum StatusGrammar {
    static func payload(of user: String, _ dice: inout Dice) -> [UInt8] {
        if dice.once(in: 10) { return JSONGrammar.any(&dice, depth: 3).utf8.map { $0 } }
        var members = ["\"username\":\(JSONGrammar.string(user))"]
        members.append(JSONGrammar.member("description", &dice) { JSONGrammar.string(text(&$0)) })
        members.append(
            JSONGrammar.member("devices", &dice) {
                $0.pick("{}", "{\"phone\":\"away\"}", "{\"tv\":\"busy\",\"phone\":\"online\"}")
            }
        )
        members.append(
            JSONGrammar.member("cause", &dice) { $0.pick("null", "\"lost\"", "\"logout\"") }
        )
        for key in ["since", "updated"] {
            members.append(JSONGrammar.member(key, &dice) { $0.pick("1699999999", "null") })
        }
        members.append(
            JSONGrammar.member("seq", &dice) { $0.pick("1699999999000", "1800000000000", "1") }
        )
        var bytes = JSONGrammar.object(members, &dice)
        ByteMutation.maybe(&bytes, oneIn: 5, &dice)
        return bytes
    }

    private static func text(_ dice: inout Dice) -> String {
        dice.pick("", "back at 5", JSONGrammar.text(&dice))
    }
}
