import Mosquitto

/// A program with one connection to the broker, which comes back by itself where it breaks.
///
/// What it calls the broker with, and what it says once it is connected, is its kind's.
package class SimulatedProgram {
    /// Where it stands with the broker.
    enum Link {
        /// Not connected; if it wants to be, it tries again by itself.
        case away
        case calling(SimulatedTransport)
        case connected(SimulatedTransport)
    }

    let agenda: Agenda
    let broker: SimulatedBroker
    var dice: Dice
    var link = Link.away
    /// Whether it wants to be connected.
    var wantsLink = false
    /// Connections that the broker takes to be standing.
    private var abandoned: [SimulatedTransport] = []

    init(agenda: Agenda, broker: SimulatedBroker, dice: Dice) {
        self.agenda = agenda
        self.broker = broker
        self.dice = dice
    }

    /// The connection that stands.
    var transport: SimulatedTransport? {
        if case .connected(let transport) = link { transport } else { nil }
    }

    var isConnected: Bool { transport != nil }

    // MARK: - What its kind does

    /// What the next connection is made with.
    func nextOptions() -> ConnectionOptions { ConnectionOptions(clientID: "", host: "simulated") }

    /// The broker has accepted the connection.
    func welcome(_ transport: SimulatedTransport) {}

    func receive(_ message: Message) {}

    // MARK: - Coming and going

    /// Connects, unless it does already.
    func connect() {
        guard case .away = link else { return }
        wantsLink = true
        guard let transport = try? broker.dial(nextOptions()) else { return }
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
            take(event, transport)
        }
        transport.write()
    }

    private func take(_ event: Event, _ transport: SimulatedTransport) {
        switch event {
        case .connected:
            link = .connected(transport)
            welcome(transport)
        case .closed, .refused:
            link = .away
            comeBack()
        case .message(let message): receive(message)
        case .published, .subscribed, .unsubscribed: break
        }
    }

    private func comeBack() {
        guard wantsLink else { return }
        agenda.after(dice.number(100...3_000)) { [weak self] in
            guard let self, wantsLink else { return }
            connect()
        }
    }

    /// Its process dies: the broker publishes its will, at once or when it notices.
    func crash() {
        wantsLink = false
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
    func disconnect(reason: ReasonCode = .success) {
        wantsLink = false
        guard let transport else { return crash() }
        transport.disconnect(reason: reason)
        transport.write()
        link = .away
    }
}
