import Mosquitto
import PresenceCore

/// A running program whose things were adopted: one connection, with its birth and its will.
///
/// It comes back by itself where its connection breaks. What it does out of its own will is decided by its
/// ``AdoptedWalk``.
final class AdoptedSource: SimulatedProgram {
    let program: AdoptedProgram
    let name: String
    /// What it is, and what is behind it.
    let things: [AdoptedThing]
    /// What it says of itself while it is there.
    var word: String
    /// What it says of each thing behind it, by topic.
    var lamps: [String: String]
    /// Whether it says all of that again at each connection; it does at a broker that has lost it.
    let isTalkative: Bool

    /// Until when it sleeps, in milliseconds of uptime.
    private(set) var sleepsUntil: Int64?
    /// Counts the spells in which it gives signs of life; only the last one goes on.
    private var spells = 0

    init(
        _ program: AdoptedProgram,
        _ name: String,
        _ things: [AdoptedThing],
        agenda: Agenda,
        broker: SimulatedBroker,
        dice: Dice
    ) {
        self.program = program
        self.name = name
        self.things = things
        word = program.birth
        lamps = Dictionary(
            uniqueKeysWithValues: things.dropFirst().map { ($0.topic, program.birth) }
        )
        var dice = dice
        isTalkative = dice.chance(50)
        super.init(agenda: agenda, broker: broker, dice: dice)
    }

    var topic: String { things[0].topic }

    var isAway: Bool { if case .away = link { true } else { false } }
    var isSwallowed: Bool { transport?.isSwallowed == true }

    // MARK: - Coming and going

    override func nextOptions() -> ConnectionOptions {
        sleepsUntil = nil
        var options = ConnectionOptions(clientID: "\(program)-\(name)", host: "simulated")
        options.protocolVersion = .v311
        options.keepAlive = 10
        options.will = program.will(on: topic)
        return options
    }

    /// Is born, as its kind is.
    override func welcome(_ transport: SimulatedTransport) {
        if program == .homie, dice.chance(50) { say("init") }
        say(word)
        for (topic, word) in lamps.sorted(by: { $0.key < $1.key })
        where isTalkative || broker.retained[topic] == nil {
            publish(topic, word)
        }
        if program == .weather { giveSigns() }
    }

    override func crash() {
        spells += 1
        super.crash()
    }

    override func disconnect(reason: ReasonCode = .success) {
        spells += 1
        super.disconnect(reason: reason)
    }

    /// Ends as its kind does.
    func end() {
        switch program {
        case .plug, .cell, .home, .weather: crash()
        case .homie:
            say("disconnected")
            // Some libraries send no DISCONNECT, so that the will follows.
            if dice.chance(50) { disconnect() } else { hangUp() }
        case .gateway:
            say(AdoptedProgram.gateway.death ?? "")
            disconnect()
        case .hue:
            say(program.death ?? "")
            disconnect()
        }
    }

    /// Closes the connection without a DISCONNECT, behind all that was said.
    private func hangUp() {
        wantsLink = false
        transport?.write()
        transport?.sever(losing: .nothing)
        link = .away
    }

    /// Says when it wakes, and is gone until then; it may never wake.
    func sleep(for milliseconds: Int64, wakes: Bool) {
        guard isConnected, let topic = things[0].sleeps else { return }
        let second = (agenda.now.unix + milliseconds) / 1_000
        publish(topic, #"{"DeepSleep":{"DeepSleep":1,"Wakeup":\#(second)}}"#)
        hangUp()
        sleepsUntil = agenda.now.uptime + milliseconds
        guard wakes, let until = sleepsUntil else { return }
        agenda.after(milliseconds) { [weak self] in
            guard let self, sleepsUntil == until else { return }
            connect()
        }
    }

    // MARK: - Words

    func say(_ text: String) { publish(topic, text, isRetained: program.retainsBirth) }

    /// Publishes, if it is connected.
    func publish(_ topic: String, _ text: String, isRetained: Bool = true, qos: UInt8 = 1) {
        guard let transport else { return }
        let message = Message(topic: topic, payload: text, qos: qos, retain: isRetained)
        _ = try? transport.publish(message)
        transport.write()
    }

    /// Gives signs of life as long as it is there, and some of them say the word again.
    private func giveSigns() {
        spells += 1
        giveSign(of: spells)
    }

    private func giveSign(of spell: Int) {
        agenda.after(AdoptedProgram.ttl / 3) { [weak self] in
            guard let self, spell == spells, isConnected, let signs = things[0].signs else {
                return
            }
            if dice.chance(30) { say(word) } else { publish(signs, "3", isRetained: false) }
            giveSign(of: spell)
        }
    }

    /// Its process goes on, says nothing more, and is connected to nothing.
    func fallSilent() { crash() }

    // MARK: - The end

    /// Comes once more, takes away what is retained of it, and leaves.
    func retire() {
        connect()
        agenda.after(8_000) { [weak self] in
            guard let self else { return }
            connect()
            for thing in things.dropFirst() { publish(thing.topic, "") }
            // Where nothing is retained, a gone word is the end.
            if let death = program.death, !program.retainsBirth { say(death) }
            for topic in [topic, things[0].sleeps].compactMap(\.self) { publish(topic, "") }
            disconnect()
        }
    }
}
