import PresenceCore

/// What an adopted program does next: a random walk over what its kind does.
struct AdoptedWalk {
    /// What may go wrong with them in this run.
    let faults: Set<Fault>
    let onFault: (Fault) -> Void

    /// Payloads that are no word of anybody's.
    private static let garbage = ["", "o", "ONLINE!", "{", "[1]", "\u{0}x", "{\"x\":1}"].dropFirst()

    /// Does one thing.
    func act(_ source: AdoptedSource) {
        guard source.isConnected else {
            if source.isAway, source.sleepsUntil == nil, source.dice.chance(60) { source.connect() }
            return
        }
        switch source.dice.count(0...99) {
        case 0..<40: speak(source)
        case 40..<50: source.end()
        case 50..<56: remove(source)
        default: breakDown(source)
        }
    }

    private func speak(_ source: AdoptedSource) {
        switch source.program {
        case .plug, .hue, .home: source.say(source.word)
        case .homie:
            source.word = source.dice.pick(["ready", "alert", "sleeping"])
            source.say(source.word)
        case .gateway:
            let topic = source.dice.pick(source.things.dropFirst().map(\.topic))
            let word = source.dice.pick([source.program.birth, source.program.death ?? ""])
            source.lamps[topic] = word
            source.publish(topic, word)
        case .cell:
            let isLong = source.dice.chance(20)
            let length = source.dice.number(isLong ? 36_000_000...72_000_000 : 3_000...20_000)
            source.sleep(for: length, wakes: !faults.contains(.thingSilent) || isLong)
            if faults.contains(.thingSilent), !isLong { onFault(.thingSilent) }
        case .weather: source.publish(source.things[0].signs ?? "", "3", isRetained: false)
        }
    }

    /// Somebody takes a thing away: its topic is emptied.
    private func remove(_ source: AdoptedSource) {
        guard source.program.retainsBirth else { return speak(source) }
        if source.program == .gateway {
            let topic = source.dice.pick(source.things.dropFirst().map(\.topic))
            return source.publish(topic, "")
        }
        source.publish(source.topic, "")
        source.disconnect()
    }

    private func breakDown(_ source: AdoptedSource) {
        let fault = source.dice.pick([
            Fault.thingKilled, .thingKilled, .thingPartitioned, .thingTakenOver, .wordGarbled,
            .thingSilent,
        ])
        guard faults.contains(fault) else { return speak(source) }
        switch fault {
        case .thingKilled:
            onFault(fault)
            source.crash()
            if source.dice.chance(60) {
                source.agenda.after(source.dice.number(0...4_000)) { [weak source] in
                    source?.connect()
                }
            }
        case .thingPartitioned:
            onFault(fault)
            source.transport?.isSwallowed = true
        case .thingTakenOver:
            onFault(fault)
            source.abandon()
            source.connect()
        case .wordGarbled:
            onFault(fault)
            let topic = source.dice.pick(source.things).topic
            source.publish(
                topic,
                source.dice.pick(Array(Self.garbage)),
                isRetained: source.dice.chance(70)
            )
        default:
            guard source.program == .weather else { return speak(source) }
            onFault(fault)
            source.fallSilent()
        }
    }
}
