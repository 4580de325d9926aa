import Mosquitto
import PresenceCore

/// A running program whose things were adopted: one connection, with its birth and its will.
///
/// It comes back by itself where its connection breaks. What it does out of its own will is decided by its
/// ``AdoptedWalk``.
final class AdoptedSource {
    let agenda: Agenda
    let broker: SimulatedBroker
    var dice: Dice
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

    private var link = Link.away
    private(set) var wantsLink = false
    /// Connections that the broker takes to be standing.
    private var abandoned: [SimulatedTransport] = []
    /// Until when it sleeps, in milliseconds of uptime.
    private(set) var sleepsUntil: Int64?
    /// Counts the spells in which it gives signs of life; only the last one goes on.
    private var spells = 0

    private enum Link {
        case away
        case calling(SimulatedTransport)
        case connected(SimulatedTransport)
    }

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
        self.agenda = agenda
        self.broker = broker
        self.dice = dice
        word = program.birth
        lamps = Dictionary(
            uniqueKeysWithValues: things.dropFirst().map { ($0.topic, program.birth) }
        )
        isTalkative = self.dice.chance(50)
    }

    var topic: String { things[0].topic }

    var transport: SimulatedTransport? {
        if case .connected(let transport) = link { transport } else { nil }
    }

    var isConnected: Bool { transport != nil }
    var isAway: Bool { if case .away = link { true } else { false } }
    var isSwallowed: Bool { transport?.isSwallowed == true }

    // MARK: - Coming and going

    func connect() {
        guard case .away = link else { return }
        wantsLink = true
        sleepsUntil = nil
        var options = ConnectionOptions(clientID: "\(program)-\(name)", host: "simulated")
        options.protocolVersion = .v311
        options.keepAlive = 10
        options.will = program.will(on: topic)
        guard let transport = try? broker.dial(options) else { return }
        link = .calling(transport)
        transport.onReadable = { [weak self, weak transport] in
            guard let self, let transport else { return }
            read(transport)
        }
        do throws(MosquittoError) {
            try transport.connect()
            transport.write()
        } catch {
            link = .away
        }
        keepAlive(transport)
    }

    /// The library's tick, once a second as long as the connection is this one.
    private func keepAlive(_ transport: SimulatedTransport) {
        agenda.after(1_000) { [weak self, weak transport] in
            guard let self, let transport, isMine(transport) else { return }
            transport.tick()
            read(transport)
            if isMine(transport) { keepAlive(transport) }
        }
    }

    private func isMine(_ transport: SimulatedTransport) -> Bool {
        switch link {
        case .away: false
        case .calling(let mine), .connected(let mine): mine === transport
        }
    }

    private func read(_ transport: SimulatedTransport) {
        while transport.read(limit: 1_000) {}
        for event in transport.takeEvents() where isMine(transport) {
            switch event {
            case .connected:
                link = .connected(transport)
                beBorn()
            case .closed, .refused:
                link = .away
                comeBack()
            case .message, .published, .subscribed, .unsubscribed: break
            }
        }
        transport.write()
    }

    private func comeBack() {
        guard wantsLink else { return }
        agenda.after(dice.number(100...3_000)) { [weak self] in
            guard let self, wantsLink else { return }
            connect()
        }
    }

    private func beBorn() {
        if program == .homie, dice.chance(50) { say("init") }
        say(word)
        for (topic, word) in lamps.sorted(by: { $0.key < $1.key })
        where isTalkative || broker.retained[topic] == nil {
            publish(topic, word)
        }
        if program == .weather { giveSigns() }
    }

    /// Its process dies: the broker publishes its will, at once or when it notices.
    func crash() {
        wantsLink = false
        spells += 1
        switch link {
        case .away: break
        case .calling(let transport), .connected(let transport): transport.sever()
        }
        link = .away
    }

    /// Leaves its connection standing as if it were still there, and is gone from it.
    func abandon() {
        guard let transport else { return }
        transport.isSwallowed = true
        transport.onReadable = nil
        abandoned.append(transport)
        link = .away
    }

    /// Disconnects properly, so that no will is sent.
    func disconnect() {
        wantsLink = false
        spells += 1
        guard let transport else { return crash() }
        transport.disconnect(reason: .success)
        transport.write()
        link = .away
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
