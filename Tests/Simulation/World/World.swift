import Mosquitto
import Presence
import PresenceAdoption
import PresenceBridge
import PresenceCore

/// Everything that there is in a simulation: time, a broker, a disk, the bridge, its clients, and
/// the onlooker who writes down what happens.
package final class World {
    package let plan: Plan
    package let agenda = Agenda()
    package let broker: SimulatedBroker
    package let disk = SimulatedDisk()
    package let clients: [SimulatedClient]
    /// The plain things, which come in a season of their own; each is the one device of a user.
    package let things: [SimulatedClient]
    /// The devices of one more user, who has many.
    let crowd: [SimulatedClient]
    /// Users who come in the end, one device each, while the bridge does not read.
    let strangers: [SimulatedClient]
    /// The programs whose things are adopted, if any are, and the oracle of those.
    let sources: [AdoptedSource]
    var adopted: AdoptedTruth
    /// The database in which bridges share a store, and their hosts, where they do.
    let database: SimulatedDatabase?
    let hosts: [SimulatedHost]
    /// Who is told by webhooks.
    let receivers: [SimulatedReceiver]
    /// Who asks by another way than the broker, if anybody does.
    let boss: SimulatedOperator?
    /// Somebody who belongs to the house, and asks when all is at rest.
    let auditor: Auditor

    var dice: Dice
    var truth = Truth()
    private let configuration: Configuration
    /// The process that was started last, and owns the store.
    private(set) var bridge: BridgeProcess?
    /// The process whose doings are written down as the bridge's: it serves, or was the last to.
    private(set) var teller: BridgeProcess?
    /// The id of the bridge that serves, or served last.
    private(set) var servingID = World.bridgeID
    /// Connections of hosts that are no more, which the broker takes to be standing.
    private var orphans: [SimulatedTransport] = []
    private var processes = 0
    private var wasBrokerKilled = false
    /// Whether its supervisor waits before it starts the bridge again.
    var isBridgeHeld = false
    /// How many statuses the bridge has retained or cleared.
    var statusesWritten = 0
    /// What stands on the bridge's own topic.
    var ownState = OwnState()
    /// Called with each thing that happens.
    package var onEntry: (Entry) -> Void = { _ in }

    /// A world in which nothing has happened yet.
    package init(_ plan: Plan) throws {
        self.plan = plan
        let agenda = agenda
        dice = Dice(seed: plan.seed, part: "world")
        var configuration = try Configuration.load(
            Configuration.Origin(arguments: plan.arguments)
        )
        if let adopted = plan.adopted {
            configuration.settings.adoption = try AdoptionPlan(
                adopted.lines.map { line throws(AdoptionFault) in try AdoptionLine(line) },
                topicPrefix: configuration.settings.topicPrefix
            )
        }
        self.configuration = configuration
        let broker = SimulatedBroker(
            agenda: agenda,
            dice: Dice(seed: plan.seed, part: "broker"),
            options: plan.brokerOptions
        )
        self.broker = broker
        var clients: [SimulatedClient] = []
        for user in 1...plan.users {
            for device in 1...plan.devices {
                var dice = Dice(seed: plan.seed, part: "client \(user) \(device)")
                let isOld = plan.isOldBroker || plan.hasOldClients && dice.chance(40)
                clients.append(
                    SimulatedClient(
                        user: "u\(user)",
                        device: "d\(device)",
                        isOld: isOld,
                        hiding: plan.hiding,
                        agenda: agenda,
                        broker: broker,
                        dice: dice
                    )
                )
            }
        }
        self.clients = clients
        things = plan.things(agenda, broker)
        crowd = (0..<plan.crowd).map { number in
            SimulatedClient(
                user: Self.crowdUser,
                device: "d\(number)",
                isOld: plan.isOldBroker,
                hiding: plan.hiding,
                agenda: agenda,
                broker: broker,
                dice: Dice(seed: plan.seed, part: "crowd \(number)")
            )
        }
        strangers = plan.strangers(agenda, broker)
        sources = plan.sources(agenda, broker)
        receivers = plan.receivers(agenda)
        boss =
            plan.hasOperator
            ? SimulatedOperator(agenda: agenda, dice: Dice(seed: plan.seed, part: "operator")) : nil
        adopted = AdoptedTruth(plan.adopted?.things ?? [])
        database = plan.sharing == nil ? nil : SimulatedDatabase(agenda: agenda)
        hosts = plan.hosts(database, agenda)
        auditor = Auditor(agenda: agenda, broker: broker, isOld: plan.isOldBroker)
        broker.onAccept = { [weak self] message, clientID, isWill in
            self?.witness(message, from: clientID, isWill: isWill)
        }
        employOperator()
        for receiver in receivers {
            receiver.onTaken = { [weak self] seen in self?.note(.webhookTook(seen)) }
            let url = receiver.url
            receiver.onEnded = { [weak self] in self?.note(.webhookEnded(url: url)) }
        }
    }

    func note(_ event: Entry.Event) {
        switch event {
        case .bridgeCutOff, .bridgeStarted, .bridgeEnded: ownState = OwnState()
        default: break
        }
        onEntry(Entry(event, at: agenda.now))
    }

    func note(_ fault: Fault) { note(.fault(fault)) }

    // MARK: - The broker

    func startBroker() {
        guard !broker.isRunning else { return }
        let wasTold = keepsBridgesEnd
        broker.start()
        truth.brokerStarted(
            at: agenda.now.uptime,
            keepsBridgesEnd: wasTold && keepsBridgesEnd
        )
        tellAdoptedOfStart(wasKilled: wasBrokerKilled)
        boss?.isDoubtful = true
        note(.brokerStarted)
    }

    /// Whether the broker keeps that the bridge has ended.
    private var keepsBridgesEnd: Bool {
        let state = broker.retained["presence/bridge/\(servingID)"]
        return state.map { BridgeState.isOffline($0.payload) } ?? false
    }

    func stopBroker(killing: Bool) {
        guard broker.isRunning else { return }
        trouble()
        wasBrokerKilled = killing
        if killing { broker.kill() } else { broker.stop() }
        note(.brokerEnded(isKill: killing))
    }

    // MARK: - The bridge

    /// From now on the bridge may miss what is not retained, until it serves again.
    func trouble() { truth.troubleBegan(at: agenda.now.uptime) }

    /// Starts a process of the bridge, unless one runs; where bridges share a store, one of each.
    func startBridge() {
        guard database == nil else { return startHosts() }
        guard bridge == nil else { return }
        launch(configuration, SimulatedStore(disk), Self.bridgeID)
    }

    /// Starts the process that has got a shared store.
    func launch(on host: SimulatedHost, _ session: SimulatedSession) {
        var configuration = configuration
        configuration.settings.broker.bridgeID = host.bridgeID
        host.process = launch(configuration, SimulatedStore(disk, session), host.bridgeID)
    }

    /// The bridge's host is gone without a farewell.
    func loseBridge() {
        if let bridge { orphans += bridge.vanish() }
    }

    @discardableResult
    private func launch(
        _ configuration: Configuration,
        _ store: SimulatedStore,
        _ id: String
    ) -> BridgeProcess? {
        processes += 1
        trouble()
        do {
            let number = processes
            let tells = { [weak self] in self?.teller?.number == number }
            let process = try BridgeProcess(
                configuration,
                number: number,
                store: store,
                broker: broker,
                agenda: agenda,
                dice: Dice(seed: plan.seed, part: "process \(number)"),
                isHasty: plan.isExact,
                receivers: receivers
            ) { [weak self] transport in
                transport.onTaken = { [weak self] event in
                    self?.witness(taken: event, isTeller: tells())
                }
            }
            process.onCommit = { [weak self] changes in
                if let changes {
                    self?.note(.stored(changes))
                } else if tells() {
                    self?.note(.storeRefused)
                }
            }
            process.onTurn = { [weak self] read, sent, stored in
                if tells() { self?.note(.turn(read: read, sent: sent, stored: stored)) }
            }
            process.onEnd = { [weak self, weak process] end in
                guard let self, let process else { return }
                ended(process, end)
            }
            bridge = process
            if teller == nil { tell(process, id) }
            return process
        } catch {
            note(.bridgeEnded(isCrash: true))
            return nil
        }
    }

    /// From now on a process tells what is told.
    private func tell(_ process: BridgeProcess, _ id: String) {
        if teller != nil { note(.bridgeEnded(isCrash: true)) }
        (teller, servingID) = (process, id)
        note(.bridgeStarted)
    }

    /// A bridge says that it serves; one that has lost the store may say so, too, until it hears of the next.
    func hearServing(_ id: String) {
        guard let process = hosts.first(where: { $0.bridgeID == id })?.process, teller !== process,
            teller == nil || process === bridge
        else { return }
        tell(process, id)
    }

    private func ended(_ process: BridgeProcess, _ end: BridgeProcess.End) {
        trouble()
        let host = hosts.first { $0.process === process }
        host?.process = nil
        if end == .displaced { note(.storeLost(bridge: host?.bridgeID ?? Self.bridgeID)) }
        if bridge === process { bridge = nil }
        if teller === process {
            note(.bridgeEnded(isCrash: end != .inOrder))
            teller = nil
            if let bridge, let next = hosts.first(where: { $0.process === bridge }) {
                tell(bridge, next.bridgeID)
            }
        }
        // Its supervisor starts it again.
        agenda.after(dice.number(50...9_000)) { [weak self, weak host] in
            guard let self, !isBridgeHeld else { return }
            if let host { start(host) } else { startBridge() }
        }
    }
}

/// What the bridge has said of itself on its connection, and whether the will of an earlier one of its
/// connections has come over it: then the bridge says it again.
struct OwnState {
    /// The epoch with which it serves.
    private var epoch: Int64?
    private var isCovered = false

    /// A will of the bridge has come.
    mutating func cover() { isCovered = true }

    /// The bridge says that it serves; returns whether it only puts its word back.
    mutating func serve(_ epoch: Int64) -> Bool {
        defer { (self.epoch, isCovered) = (epoch, false) }
        return self.epoch == epoch && isCovered
    }
}

extension Plan {
    var brokerOptions: SimulatedBrokerOptions {
        var options = SimulatedBrokerOptions()
        options.maxQueued = maxQueued
        options.supportsV5 = !isOldBroker
        options.hasPlugin = hasPlugin
        options.takesSeveralPackets = isModernBroker
        options.startLag = startLag
        if isExact { options.latency = 1...1 }
        return options
    }
}
