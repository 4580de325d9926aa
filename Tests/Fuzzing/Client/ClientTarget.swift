import Presence
import PresenceClient

/// The client library: events, statuses, answers, what bridges say of themselves, and their numbers.
///
/// Whoever answers in a bridge's place may send anything, and no app may end by it.
public struct ClientTarget: Target {
    /// See ``Target/name``.
    public let name = "client"

    /// See ``Target/draw(_:)``.
    public func draw(_ dice: inout Dice) -> Case {
        Case((0..<dice.roll(1...20)).map { _ in line(&dice) })
    }

    /// See ``Target/judge(_:reached:)``.
    public func judge(_ input: Case, reached: inout Set<String>) -> [String] {
        var client = HearingClient()
        for line in input.lines {
            if let complaint = client.play(line, &reached) { return [complaint] }
        }
        return []
    }

    private func line(_ dice: inout Dice) -> [[UInt8]] {
        let user = dice.pick("bob", "bob", "carol", "alice")
        switch dice.roll(9) {
        case 0: return [word("event"), event(of: user, &dice)]
        case 1: return [word("own"), own(&dice)]
        case 2: return [word("bridge"), word(dice.pick("b", "c")), bridge(&dice)]
        case 3, 4:
            let names = ["uptime", "uptime", "requests", "events", "users/online"]
            let metric = dice.pick(from: names) ?? "uptime"
            return [word("metric"), word(metric), word(number(&dice, "\(dice.roll(100))"))]
        case 5: return [word("wait"), [UInt8](number: dice.roll(400_000))]
        case 6: return [word("ask"), refusal(&dice)]
        case 7: return [word("subscribe"), subscribed(user, &dice)]
        default: return [word("list"), list(user, &dice)]
        }
    }

    private func word(_ text: String) -> [UInt8] { [UInt8](text: text) }

    private func number(_ dice: inout Dice, _ usual: String) -> String {
        dice.once(in: 3) ? dice.pick(from: MutationPieces.numbers) ?? "0" : usual
    }

    private func event(of user: String, _ dice: inout Dice) -> [UInt8] {
        var item = StatusGrammar.payload(of: user, &dice)
        if dice.once(in: 4) {
            let why = dice.pick("expired", "evicted")
            let whom = dice.once(in: 3) ? #""all":true"# : #""username":"\#(user)""#
            item = word(#"{\#(whom),"subscription":"\#(why)"}"#)
        }
        return mutated([word("["), item, word("]")].flatMap(\.self), &dice)
    }

    /// The user's own status: of the device, of another one, or anything.
    private func own(_ dice: inout Dice) -> [UInt8] {
        if dice.once(in: 4) { return StatusGrammar.payload(of: "alice", &dice) }
        let devices = dice.pick(#""phone":"online""#, #""phone":"away""#, #""tv":"busy""#)
        let seq = number(&dice, "\(1 + dice.roll(20))")
        return mutated(
            word(
                #"{"username":"alice","description":"","devices":{\#(devices)},"cause":null,"#
                    + #""since":1,"updated":2,"seq":\#(seq)}"#
            ),
            &dice
        )
    }

    private func bridge(_ dice: inout Dice) -> [UInt8] {
        if dice.once(in: 4) { return BridgeState.offline }
        let started = number(&dice, "1700000000")
        let epoch = number(&dice, "\(dice.roll(9))")
        let grace = number(&dice, "60")
        return mutated(
            word(
                #"{"state":"online","version":"1","protocol":1,"started":\#(started),"#
                    + #""epoch":\#(epoch),"grace":\#(grace)}"#
            ),
            &dice
        )
    }

    private func refusal(_ dice: inout Dice) -> [UInt8] {
        let wait = number(&dice, "1")
        let code = dice.pick("rate_limited", "forbidden")
        return mutated(
            word(#""error":{"code":"\#(code)","message":"no","retryAfter":\#(wait)}"#),
            &dice
        )
    }

    private func subscribed(_ user: String, _ dice: inout Dice) -> [UInt8] {
        var status = StatusGrammar.payload(of: user, &dice)
        if status.last == UInt8(ascii: "}") {
            status.removeLast()
            status += word(#","expires":\#(number(&dice, "1700003600"))}"#)
        }
        let front = word(#"{"subscribed":["#)
        let back = word(#"],"evicted":[\#(dice.pick("", #""carol""#))],"rejected":[]}"#)
        return mutated(front + status + back, &dice)
    }

    private func list(_ user: String, _ dice: inout Dice) -> [UInt8] {
        let total = number(&dice, "1")
        let expires = number(&dice, "1700003600")
        let everyone = dice.pick("null", #"{"expires":\#(number(&dice, "1700003600"))}"#)
        return mutated(
            word(
                #"{"total":\#(total),"pageNum":0,"pageSize":500,"all":\#(everyone),"#
                    + #""subscriptions":[{"username":"\#(user)","expires":\#(expires)}]}"#
            ),
            &dice
        )
    }

    private func mutated(_ bytes: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var bytes = bytes
        ByteMutation.maybe(&bytes, oneIn: 6, &dice)
        return bytes
    }
}
