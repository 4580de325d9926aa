/// Runs of a service: mostly what devices publish, and now and then that something goes wrong.
enum StepGrammar {
    /// Some steps.
    static func steps(_ dice: inout Dice) -> [Step] {
        var steps: [Step] = []
        if dice.once(in: 2) { steps.append(.limit(dice.roll(OperatorLimits.all.count))) }
        // Somebody to be watched, and somebody who watches.
        for user in NameGrammar.users.prefix(dice.roll(4)) {
            steps.append(.arrive(statement(of: user, device: "phone", Array("online".utf8))))
            let payload = Array("{\"usernames\":[\"alice\",\"bob\"],\"expiry\":60}".utf8)
            steps.append(.arrive(request(of: user, device: "phone", "subscribe", payload)))
        }
        for _ in 0..<dice.roll(5...40) where !dice.isSpent {
            steps.append(step(&dice))
        }
        return steps
    }

    private static func step(_ dice: inout Dice) -> Step {
        switch dice.roll(40) {
        case 0..<12: return .arrive(statement(&dice))
        case 12..<28: return .arrive(request(&dice))
        case 28: return .arrive(status(&dice))
        case 29: return .arrive(stray(&dice))
        case 30, 31, 32: return .pass(Int64(dice.pick(1, 50, 100, 999, 1_000, 3_000, 60_000)))
        case 33: return .pass(Int64(dice.pick(600_000, 86_400_000, 2_592_000_000)))
        case 34: return .stepClock(Int64(dice.pick(-3_600_000, 1, 3_600_000, 315_360_000_000)))
        case 35: return .store(works: dice.once(in: 2))
        case 36: return dice.pick(.lose, .restart, .restart)
        case 37: return .find(dice.pick(.same, .restarted, .emptied))
        case 38: return dice.pick(.hold, .read, .stall, .drop, .congest(true), .congest(false))
        case 39 where dice.once(in: 2):
            return .takesPackets(dice.pick(400, 600, 1_000, 2_000, 20_000))
        default: return dice.once(in: 4) ? .limit(dice.roll(OperatorLimits.all.count)) : .read
        }
    }

    private static func statement(of user: String, device: String, _ payload: [UInt8]) -> Arrival {
        Arrival(topic: "presence/device/\(user)/\(device)", payload: payload, isRetained: true)
    }

    private static func statement(_ dice: inout Dice) -> Arrival {
        var arrival = statement(
            of: NameGrammar.user(&dice),
            device: NameGrammar.device(&dice),
            StatementGrammar.payload(&dice)
        )
        if dice.once(in: 12) { arrival.isRetained = false }
        if dice.once(in: 20) { arrival.by = dice.pick("presence-bridge", "other") }
        return arrival
    }

    private static func request(
        of user: String,
        device: String,
        _ operation: String,
        _ payload: [UInt8]
    ) -> Arrival {
        Arrival(topic: "presence/request/\(user)/\(device)/\(operation)", payload: payload)
    }

    private static func request(_ dice: inout Dice) -> Arrival {
        let operation = RequestGrammar.operation(&dice)
        let (user, device) = (NameGrammar.user(&dice), NameGrammar.device(&dice))
        let payload = RequestGrammar.payload(of: operation, &dice)
        var arrival = request(of: user, device: device, operation, payload)
        arrival.qos = UInt8(dice.roll(2))
        if dice.once(in: 16) { arrival.isRetained = true }
        if dice.once(in: 3) {
            var topic = Array("presence/response/\(user)/\(device)".utf8)
            if dice.once(in: 2) { topic += Array("/a".utf8) }
            if dice.once(in: 8) {
                for _ in 0..<dice.roll(190...210) { topic += Array("/".utf8) }
            }
            if dice.once(in: 8) { topic += dice.pick("/\u{7F}", "/\u{FFFE}", "/\u{85}").utf8 }
            ByteMutation.maybe(&topic, oneIn: 3, &dice)
            arrival.responseTopic = topic.text
        }
        return arrival
    }

    private static func status(_ dice: inout Dice) -> Arrival {
        let user = NameGrammar.user(&dice)
        return Arrival(
            topic: "presence/status/\(user)",
            payload: StatusGrammar.payload(of: user, &dice),
            isRetained: true
        )
    }

    private static func stray(_ dice: inout Dice) -> Arrival {
        Arrival(
            topic: TopicGrammar.topic(&dice).text,
            payload: StatementGrammar.payload(&dice),
            isRetained: dice.once(in: 2)
        )
    }
}
