import Logging
import Mosquitto
import Presence
import PresenceBridge
import PresenceCore
import PresenceStore

/// One process of the bridge: the real shell and core, in virtual time.
///
/// What ``Loop`` does in the real bridge, wait and turn, is done here by the agenda.
package final class BridgeProcess {
    /// Why a process came to its end.
    package enum End: Hashable, Sendable {
        case killed
        /// With its host.
        case vanished
        case inOrder
        /// The store is another bridge's.
        case displaced
    }

    /// Which of all processes of a world it is.
    package let number: Int
    private let agenda: Agenda
    private var dice: Dice
    private let shell: Shell
    private let store: SimulatedStore
    private var orders: Orders = []
    private var inquiries: [Inquiry] = []
    private var waiting: (since: Int64, asked: Int64)?
    /// When the next turn begins, in milliseconds of uptime.
    private var next = Int64.max
    /// Whether it always takes the same time to wake up.
    private let isHasty: Bool
    private var isDying = false
    /// Its webhooks.
    let couriers: CourierWork

    /// How it ended, if it did.
    package private(set) var end: End?
    /// Whether it stands still.
    package private(set) var isPaused = false
    /// Called when it has ended.
    package var onEnd: (End) -> Void = { _ in }
    /// Called after each turn, with how much it read, sent and stored.
    package var onTurn: (_ read: Int, _ sent: Int, _ stored: Int) -> Void = { _, _, _ in }
    private var stored = 0

    /// Starts a process that reads what the store has, and dials the broker.
    package init(
        _ configuration: Configuration,
        number: Int,
        store: SimulatedStore,
        broker: SimulatedBroker,
        agenda: Agenda,
        dice: Dice,
        isHasty: Bool,
        receivers: [SimulatedReceiver] = [],
        onDial: @escaping (SimulatedTransport) -> Void
    ) throws {
        self.number = number
        self.agenda = agenda
        self.dice = dice
        self.isHasty = isHasty
        self.store = store
        let line = Line()
        shell = try Shell(
            configuration,
            store: store,
            dial: { options throws(MosquittoError) in
                let transport = try broker.dial(options)
                line.transports.append(transport)
                transport.onReadable = { line.onReadable() }
                // The one beside hears nothing that anybody is told.
                if options.will != nil { onDial(transport) }
                return transport
            },
            random: Dice(seed: self.dice.next(), part: "link"),
            started: agenda.now,
            log: Logger(label: "simulated") { _ in SwiftLogNoOpLogHandler() }
        )
        // What the process itself throws is the same with webhooks and without.
        var other = self.dice
        couriers = CourierWork(
            configuration.settings,
            shell,
            receivers,
            agenda: agenda,
            dice: Dice(seed: other.next(), part: "couriers")
        )
        self.line = line
        line.onReadable = { [weak self] in self?.wake() }
        store.onCommit = { [weak self] changes in
            self?.stored += changes?.count ?? 0
            self?.onCommit(changes)
        }
        store.onDeath = { [weak self] in self?.die() }
        wait()
    }

    /// The connections that the process has made, shared with the closure that makes them.
    private final class Line {
        var transports: [SimulatedTransport] = []
        var onReadable: () -> Void = {}
    }

    private let line: Line

    /// What is told of each commit: what was stored, or `nil` where the disk refused.
    package var onCommit: ([Change]?) -> Void = { _ in }

    /// What the bridge counts.
    package var metrics: Metrics { shell.metrics }

    /// How many names it holds.
    package var namesHeld: Int { shell.namesHeld }

    // MARK: - Turning

    private func wait(_ isMore: Bool = false) {
        let asked = isMore ? 0 : shell.pause(at: agenda.now)
        waiting = (agenda.now.uptime, asked)
        next = .max
        plan(after: max(asked, 1))
    }

    /// Plans the next turn, unless it is to begin sooner anyway.
    private func plan(after delay: Int64) {
        let time = agenda.now.uptime + delay
        guard time < next else { return }
        next = time
        agenda.after(delay) { [weak self] in
            guard let self, next == time else { return }
            turn()
        }
    }

    /// Something came: a turn begins soon.
    private func wake() {
        guard end == nil, !isPaused, waiting != nil else { return }
        plan(after: isHasty ? 1 : dice.number(0...2))
    }

    /// How many messages all connections of the process have handed it, and taken from it.
    private var traffic: (taken: Int, sent: Int) {
        var traffic = (taken: 0, sent: 0)
        for transport in line.transports {
            traffic.taken += transport.takenCount
            traffic.sent += transport.publishedCount
        }
        return traffic
    }

    private func turn() {
        guard end == nil, !isPaused, let waiting else { return }
        self.waiting = nil
        shell.hasWaited(agenda.now.uptime - waiting.since, insteadOf: waiting.asked)
        let (taken, sent) = traffic
        stored = 0
        let isMore = shell.turn(at: agenda.now, orders, inquiries)
        (orders, inquiries) = ([], [])
        onTurn(traffic.taken - taken, traffic.sent - sent, stored)
        if line.transports.count > 1 {
            let open = shell.transports
            line.transports.removeAll { transport in !open.contains { $0 === transport } }
        }
        if isDying { return kill() }
        let isDisplaced = shell.loss != nil
        if isDisplaced || shell.isOver(at: agenda.now) {
            shell.close()
            finish(isDisplaced ? .displaced : .inOrder)
        } else {
            couriers.goOn()
            wait(isMore)
        }
    }

    // MARK: - Ends

    /// Kills it: nothing more happens in it, and of what it wrote last some is lost.
    package func kill() { finish(.killed) }

    /// Its host loses its power: nothing more happens in it, and the broker learns nothing of it.
    package func vanish() -> [SimulatedTransport] {
        let standing = line.transports
        for transport in standing {
            transport.isSwallowed = true
            transport.onReadable = nil
            transport.onTaken = nil
        }
        line.transports.removeAll()
        finish(.vanished)
        return standing
    }

    /// Lets it die at its next commit, or no more.
    package func kill(at death: SimulatedStore.Death?) { store.death = death }

    /// Asks as an operator does; a process that ends meanwhile does not answer.
    package func ask(_ question: Question, _ answer: @escaping @Sendable (Question.Answer) -> Void)
    {
        inquiries.append(.question(question, answer))
        wake()
    }

    /// Asks for an orderly end.
    package func stop() {
        orders.insert(.stop)
        wake()
    }

    /// Lets it stand still, with its connection open.
    package func pause() {
        isPaused = true
        couriers.isStill = true
        next = .max
        for transport in line.transports { transport.isReading = false }
    }

    /// Lets it go on.
    package func resume() {
        guard isPaused, end == nil else { return }
        isPaused = false
        couriers.isStill = false
        for transport in line.transports { transport.isReading = true }
        next = .max
        plan(after: 1)
    }

    /// The connection to the broker, if there is one.
    package var transport: SimulatedTransport? {
        line.transports.last { $0.options.will != nil }
    }

    private func die() {
        isDying = true
        for transport in line.transports { transport.sever() }
    }

    private func finish(_ end: End) {
        guard self.end == nil else { return }
        self.end = end
        couriers.isOver = true
        if end == .killed || end == .vanished { store.abandon(end) }
        for transport in line.transports { transport.sever() }
        line.transports.removeAll()
        onEnd(end)
    }
}
