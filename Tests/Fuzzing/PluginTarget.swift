import Presence
import PresencePluginCore

/// The broker's plugin: who comes, goes and speaks, what the bridge asks, and who may do what.
///
/// The model is what the plugin cannot see: which connections the broker has let in. In the end all
/// that is retained must be what that says.
public struct PluginTarget: Target {
    /// See ``Target/name``.
    public let name = "plugin"

    /// See ``Target/draw(_:)``.
    public func draw(_ dice: inout Dice) -> Case {
        Case((0..<dice.roll(1...30)).map { _ in line(&dice) })
    }

    private func line(_ dice: inout Dice) -> [[UInt8]] {
        let key = [UInt8](number: dice.roll(4))
        switch dice.roll(9) {
        case 0, 1, 2:
            let user = dice.once(in: 5) ? NameGrammar.user(&dice) : dice.pick("bob", "eve")
            let id = dice.once(in: 5) ? NameGrammar.device(&dice) : dice.pick("x", "y")
            return [[UInt8](text: "come"), key, [UInt8](text: user), [UInt8](text: id)]
        case 3: return [[UInt8](text: "go"), key]
        case 4: return [[UInt8](text: "wait"), [UInt8](number: dice.roll(400))]
        case 5: return [[UInt8](text: "say"), key, TopicGrammar.topic(&dice), statement(&dice)]
        case 6:
            return [
                [UInt8](text: "say"), key,
                [UInt8](text: "presence/device/bob/\(dice.pick("x", "z"))"), statement(&dice),
            ]
        case 7: return [[UInt8](text: "control"), control(&dice)]
        default:
            var topic = TopicGrammar.topic(&dice)
            ByteMutation.maybe(&topic, oneIn: 4, &dice)
            return [[UInt8](text: "judge"), topic, [UInt8](text: NameGrammar.user(&dice))]
        }
    }

    private func statement(_ dice: inout Dice) -> [UInt8] {
        var bytes = Array(dice.pick("online", "", #"{"status":"away","session":"s"}"#).utf8)
        ByteMutation.maybe(&bytes, oneIn: 4, &dice)
        return bytes
    }

    private func control(_ dice: inout Dice) -> [UInt8] {
        var bytes = dice.pick(
            Array(#"{"hello":1}"#.utf8),
            Array(#"{"hello":1,"stated":true}"#.utf8),
            Array("{\"fanout\":[\"bob\",\"eve\"],\"qos\":0,\"expiry\":60}\n[1]".utf8)
        )
        ByteMutation.maybe(&bytes, oneIn: 2, &dice)
        return bytes
    }

    /// See ``Target/judge(_:reached:)``.
    public func judge(_ input: Case, reached: inout Set<String>) -> [String] {
        var broker = PluginBroker()
        for line in input.lines {
            if let complaint = broker.play(line, &reached) { return [complaint] }
        }
        return broker.end()
    }
}
