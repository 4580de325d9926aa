/// Topics, mostly those that the bridge reads.
enum TopicGrammar {
    /// A topic, mutated now and then.
    static func topic(_ dice: inout Dice) -> [UInt8] {
        var levels = [dice.once(in: 20) ? "presence/x" : "presence"]
        let user = NameGrammar.user(&dice)
        switch dice.roll(5) {
        case 0: levels += ["status", user]
        case 1, 2: levels += ["device", user, NameGrammar.device(&dice)]
        case 3:
            let operation = RequestGrammar.operation(&dice)
            levels += ["request", user, NameGrammar.device(&dice), operation]
        default: levels += [dice.pick("event", "response", "bridge", "", "Device"), user]
        }
        if dice.once(in: 10) { levels.append(NameGrammar.user(&dice)) }
        var bytes = Array(levels.joined(separator: "/").utf8)
        ByteMutation.maybe(&bytes, oneIn: 3, &dice)
        return bytes
    }
}
