import Mosquitto
import PresenceCore
import PresencePluginCore

/// A broker in virtual time, which does what mosquitto 2.0.11 was measured to do, and no better.
///
/// Its options make it one that takes turns, and counts its uptime, as mosquitto 2.1.2 does.
/// It keeps MQTT's promises to sessions that start clean: order on a connection, retained messages,
/// wills. Of a session that outlives its connection it keeps what was not acknowledged, and no
/// subscriptions. It drops what a slow reader does not take, cuts a snapshot of QoS 1, forgets what was not
/// saved when it is killed, and tells nobody why a connection was taken over.
package final class SimulatedBroker {
    let agenda: Agenda
    /// What it was configured with; some of it may change while it runs.
    package var options: SimulatedBrokerOptions {
        didSet { for session in sessions { session.limits = options } }
    }
    var dice: Dice
    let levels = TopicLevels()
    var tree: SubscriptionTree
    var kept: RetainedTree
    private var saved: RetainedTree
    /// The open connections, oldest first.
    var sessions: [Session] = []
    var byClientID: [String: Session] = [:]
    /// What sessions have to deliver whose connections have ended, by the client identifier.
    var resting: [String: [Message]] = [:]
    /// Wills that wait for their time.
    var waitingWills: [WaitingWill] = []
    var droppedSinceStart = 0
    var started: Int64 = 0
    /// How often it was started; what was planned in an earlier run is not done.
    private(set) var run = 0
    var assignedIDs = 0
    var heldWills = 0
    /// What the plugin knows of device topics.
    var stated = StatedTopics()
    /// What the plugin has published in this turn, and goes out in the next.
    var ofNextTurn: [(SimulatedBroker) -> Void] = []

    /// Whether it runs.
    package private(set) var isRunning = false
    /// How many messages it has dropped, over all its runs.
    package internal(set) var dropped = 0
    /// How many snapshots of wildcards it has sent, by the filter, and how many it has cut, over all its
    /// runs.
    package internal(set) var snapshots: [String: Int] = [:]
    package internal(set) var cutSnapshots = 0
    /// How many sessions have gone on with another connection, over all its runs.
    package internal(set) var resumedSessions = 0
    /// How many events its plugin has passed on, over all its runs.
    package internal(set) var passedOn = 0
    /// How many of them went out in a later turn than that of their fan-out.
    package internal(set) var passedOnLater = 0
    /// Called for each message that the broker takes, in order, wills too.
    ///
    /// With the identifier of the client, and whether it is its will. Not for what the broker says
    /// itself below `$SYS`.
    package var onAccept: ((_ message: Message, _ clientID: String, _ isWill: Bool) -> Void)?

    /// A broker that does not run yet.
    package init(
        agenda: Agenda,
        dice: Dice,
        options: SimulatedBrokerOptions = SimulatedBrokerOptions()
    ) {
        self.agenda = agenda
        self.dice = dice
        self.options = options
        tree = SubscriptionTree(levels)
        kept = RetainedTree(levels)
        saved = kept
    }

    /// For how long it has run, in milliseconds.
    package var uptime: Int64 { agenda.now.uptime - started }

    /// The retained messages by topic, without those below `$SYS`.
    package var retained: [String: Message] { kept.all(at: agenda.now.unix) }

    /// The client identifiers of those who are connected, in the order in which they came.
    package var clientIDs: [String] {
        sessions.filter { $0.state == .active }.map(\.clientID)
    }

    /// Starts it with what was saved.
    package func start() {
        precondition(!isRunning, "the broker is started once")
        isRunning = true
        run += 1
        started = agenda.now.uptime
        droppedSinceStart = 0
        stated = StatedTopics()
        kept = options.persistence ? saved : RetainedTree(levels)
        tree = SubscriptionTree(levels)
        startSystemTopics()
    }

    /// Stops it in order: every will goes out, connections are closed, and what is retained is saved.
    package func stop() {
        guard isRunning else { return }
        if options.willsBeforeShutdown { publishEveryWill() }
        end(losesTails: false)
        save()
    }

    /// Kills it: no will goes out, and what was not saved is lost.
    package func kill() {
        guard isRunning else { return }
        end(losesTails: true)
    }

    /// Saves what is retained, as it does by itself from time to time.
    package func save() {
        saved = kept
    }

    /// Loses what was saved.
    package func forgetSaved() {
        saved = RetainedTree(levels)
    }

    private func end(losesTails: Bool) {
        isRunning = false
        for session in sessions {
            if losesTails {
                session.toClient.lose(dice.count(0...session.toClient.count))
            }
            let words = losesTails ? "Connection reset by peer" : "the broker closed it"
            session.close(.lost(words))
        }
        sessions = []
        byClientID = [:]
        resting = [:]
        waitingWills = []
        ofNextTurn = []
        tree = SubscriptionTree(levels)
    }

    // MARK: - Connections

    /// Makes a connection that has not begun yet.
    package func dial(_ options: ConnectionOptions) throws(MosquittoError) -> SimulatedTransport {
        try options.check()
        return SimulatedTransport(options, broker: self)
    }

    /// Plans something that is done only if the broker still runs.
    func after(_ delay: Int64, _ action: @escaping (SimulatedBroker) -> Void) {
        agenda.after(delay) { [weak self, run] in
            guard let self, isRunning, self.run == run else { return }
            action(self)
        }
    }

    func latency() -> Int64 { dice.number(options.latency) }

    /// A client opens a socket.
    func open() -> Session {
        let session = Session(agenda, options) { [weak self] in self?.latency() ?? 0 }
        guard isRunning else {
            session.close(.unreachable("Connection refused"))
            return session
        }
        session.lastHeard = agenda.now.uptime
        session.toBroker.onArrival = { [weak self, weak session] packet in
            guard let self, let session else { return }
            take(packet, from: session)
        }
        session.onDropped = { [weak self, weak session] in
            guard let self, let session else { return }
            count(&session.dropped)
        }
        sessions.append(session)
        return session
    }

    /// Closes a connection from the broker's side.
    func close(_ session: Session, because closure: Closure = .lost("the broker closed it")) {
        guard session.state != .closed else { return }
        // Of a dictionary, but what is removed leaves no trace of its order.
        for subscription in session.subscriptions.values { tree.remove(subscription) }
        session.subscriptions = [:]
        sessions.removeAll { $0 === session }
        if byClientID[session.clientID] === session {
            byClientID[session.clientID] = nil
            rest(session)
        }
        session.close(closure)
    }

    /// A connection ended without a DISCONNECT.
    func lose(_ session: Session) {
        guard session.state != .closed else { return }
        close(session)
        releaseWill(of: session)
    }
}
