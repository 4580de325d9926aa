import Logging
import Mosquitto
import Presence
import PresenceCore
import PresenceHTTP
import PresenceStore

/// Does what the core decides: one thread, turn by turn.
///
/// A turn reads from the broker, hands everything to the core, stores what the core wants stored
/// in one commit, and then publishes. Under load turns grow, and commits and events are
/// grouped by themselves.
package final class Shell {
    /// How long an orderly end may take, in milliseconds.
    private static let farewell: Int64 = 3_000
    /// For how long of that what was decided still goes out, in milliseconds.
    private static let lastWords: Int64 = 2_000
    /// How long the bridge may not have read before the broker may have dropped messages.
    private static let stall: Int64 = 1_000
    /// By how much a pause may be longer than was asked for, on a busy machine, in milliseconds.
    private static let latency: Int64 = 250

    private var configuration: Configuration
    private var log: Logger
    private let store: any Store
    private let link: Link
    private var core: Sole<PresenceCore>
    private var report = MetricsReport()
    private var progress = ReadingProgress()
    private let started: Instant
    private var lastRead: Int64
    private var upkeep: StoreUpkeep
    private var isServing = false
    /// Why the store did not take what a turn wanted stored last; `nil` if it did.
    private var storeFailure: String?
    /// How often the broker said that it has dropped messages.
    private var drops: Int64 = 0
    private var leavesBy: Int64?
    private var inquiries = Inquiries()
    /// The change log, for other threads.
    package let feed: ChangeFeed
    /// How far the receivers of webhooks are, for other threads.
    package let webhooks: WebhookLedger
    /// Reads the change log for the core elsewhere; `nil` where the turn does.
    private var readLog: ((UInt64, HistoryQuery) -> Void)?
    /// What was read of it for the core, until the next turn.
    private var recalled: [Input] = []
    /// `nil` where nobody reads them.
    private var timings: Timings?
    private var turnBegun: UInt64 = 0

    /// Restores what the store knows.
    ///
    /// - Parameters:
    ///   - dial: makes the connections to the broker.
    ///   - random: spreads the tries to connect, and names what nobody else may know.
    package init(
        _ configuration: Configuration,
        store: any Store,
        dial: @escaping Dial,
        random: any RandomNumberGenerator,
        started: Instant,
        log: Logger
    ) throws(StoreError) {
        let settings = configuration.settings
        self.configuration = configuration
        self.log = log
        self.store = store
        self.started = started
        lastRead = started.uptime
        var restored = PresenceCore(
            limits: settings.coreLimits,
            topics: Topics(prefix: settings.topicPrefix),
            bridgeID: settings.broker.bridgeID,
            adoption: settings.adoption,
            export: settings.export
        )
        var positions: [WebhookPosition] = []
        try store.replay(
            { change in
                if case .log(.putWebhook(let position)) = change { positions.append(position) }
                restored.restore(change)
            },
            subscriptions: { restored.restore($1, of: $0) }
        )
        restored.endRestoring()
        feed = ChangeFeed(
            try store.archive(),
            last: restored.lastLogged,
            isKept: settings.limits.historyKeep > .zero,
            unarchived: store.unarchived
        )
        webhooks = WebhookLedger(settings, stored: positions, last: restored.lastLogged)
        for name in webhooks.abandoned {
            log.warning(
                "webhook \(name) is not configured any more: what waited for it is not sent"
            )
        }
        upkeep = StoreUpkeep(store, feed, webhooks)
        let slow = SlowClock(shown: started.unix / 1_000, stored: restored.latestSecond)
        if let slow { log.warning("\(slow.warning)") }
        let machine = LinkMachine(
            settings,
            random: random,
            started: started,
            second: restored.start(at: started),
            term: store.ownership
        )
        link = Link(machine, dial: dial, log: log)
        core = Sole(restored)
        log.info("\(configuration.announcement), \(restored.metrics.usersKnown) users known")
    }

    /// The connection to the broker, if there is one.
    package var transport: (any Transport)? { link.transport }

    /// The connections to wait for: the one to the broker, and the one beside it.
    package var transports: [any Transport] {
        guard let transport = link.transport else { return link.side.map { [$0] } ?? [] }
        return link.side.map { [transport, $0] } ?? [transport]
    }

    /// Why the store is this bridge's no more: it must tell nobody anything.
    package var loss: StoreError? { store.loss }

    /// What has been counted, and how much there is now.
    package var metrics: Metrics { core.ask { $0.metrics } }

    /// Begins to measure how long things take.
    ///
    /// - Parameter clock: Nanoseconds on a clock that never steps.
    package func measure(by clock: @escaping () -> UInt64) { timings = Timings(clock: clock) }

    /// Lets the change log be read for the core on another thread, so that no turn waits for the disk.
    ///
    /// - Parameter read: Takes a number and what is to be read. Whatever comes of it is an ``Inquiry/recalled(_:_:)``.
    package func readLog(by read: @escaping (UInt64, HistoryQuery) -> Void) { readLog = read }

    /// How the bridge stands.
    package var standing: Standing {
        if leavesBy != nil { return .ending }
        guard link.isConnected else { return .disconnected }
        if link.standsBy { return .standingBy }
        guard isServing else { return .reading }
        return .serving(usersOnline: core.ask { $0.usersOnline }, storeFailure: storeFailure)
    }

    /// How many names the core holds.
    package var namesHeld: Int { core.ask { $0.namesHeld } }

    /// Whether the bridge has ended as it was asked to.
    package func isOver(at now: Instant) -> Bool {
        guard let leavesBy else { return false }
        return link.hasLeft || now.uptime > leavesBy
    }

    /// Frees the store, and refuses what is still asked.
    package func close() {
        inquiries.close(.ending, isEnding: true) { [] }
        upkeep.storeWebhooks(log)
        // Who only reads goes first: the last connection to a file tidies up beside it.
        feed.close()
        store.close()
    }

    // MARK: - Waiting

    /// How long to wait for something to come, in milliseconds.
    package func pause(at now: Instant) -> Int64 {
        // While it ends, nothing is due but what the link has to send.
        if leavesBy != nil { return 100 }
        if !recalled.isEmpty { return 0 }
        var until = link.nextStep
        if let idle = core.ask({ $0.idleTime(at: now) }) {
            until = min(until, now.uptime + idle.milliseconds)
        }
        if isServing, let next = report.next(settings.metricsInterval) { until = min(until, next) }
        // Other bridges await its signs of life.
        if store.ownership.isShared { until = min(until, upkeep.nextApplying) }
        return max(0, min(until - now.uptime, 1_000))
    }

    /// Learns how long the waiting took, in milliseconds.
    ///
    /// A pause that was asked for is none in which the broker would have had to queue. One that took
    /// longer may have been something else from its beginning.
    package func hasWaited(_ pause: Int64, insteadOf asked: Int64) {
        if pause <= asked + Self.latency { lastRead += pause }
    }

    // MARK: - Turning

    private var settings: Settings { configuration.settings }

    /// One turn; returns whether there is more to read at once.
    package func turn(
        at now: Instant,
        _ orders: Orders = [],
        _ asked: [Inquiry] = []
    ) -> Bool {
        turnBegun = timings?.now ?? 0
        defer { timings?.endTurn(begun: turnBegun) }
        obey(orders, at: now)
        guard isOwner(at: now) else { return false }
        var inputs: [Input] = []
        if now.uptime - lastRead > Self.stall { inputs.append(.readingStalled) }
        let isMore = link.receive(at: now)
        lastRead = now.uptime
        link.step(isConfirmed: store.isConfirmed, at: now)
        inputs += link.takeInputs()
        if !asked.isEmpty { inputs += inquiries.take(asked) }
        inputs += recalled
        recalled = []
        // What comes after the order to end is for the next process.
        if leavesBy == nil {
            if !inputs.isEmpty || core.ask({ $0.idleTime(at: now) }).map({ $0 <= .zero }) ?? false {
                decide(inputs, at: now)
            }
            if let line = progress.line(metrics, at: now.uptime) { log.info("\(line)") }
            publishMetrics(at: now)
        }
        upkeep.step(settings, log, at: now)
        guard isOwner(at: now) else { return false }
        link.write(at: now)
        inquiries.close(standing, isEnding: leavesBy != nil) { measures(at: now) }
        feed.set(
            isServing: isServing && link.isConnected && leavesBy == nil,
            isKept: settings.limits.historyKeep > .zero
        )
        return isMore || link.canPump
    }

    /// Whether the store is this bridge's: whoever has lost it tells nobody anything.
    ///
    /// Where the database cannot say so, the bridges that are at the broker can.
    private func isOwner(at now: Instant) -> Bool {
        if !store.confirmAfterPause() { link.askAnew(at: now) }
        return loss == nil
    }

    private func decide(_ inputs: [Input], at now: Instant) {
        var effects: [Effect] = []
        for input in inputs {
            if input == .brokerFound { progress.begin(at: now.uptime) }
            if input == .messagesDropped { drops += 1 }
            if input == .brokerLost {
                isServing = false
                progress.end()
            }
            core.value.handle(input, at: now, into: &effects)
        }
        core.value.handle(.turnEnded, at: now, into: &effects)
        core.value.handle(save(effects), at: now, into: &effects)
        guard loss == nil else { return }
        for effect in effects {
            perform(effect, at: now)
        }
    }

    /// Stores what the turn wants stored, if there is anything.
    private func save(_ effects: [Effect]) -> Input {
        do throws(StoreError) {
            for case .save(let changes, let isRequested) in effects {
                let begun = timings?.now ?? 0
                defer { timings?.endCommit(begun: begun) }
                // A new webhook is stored with the first change that is for it.
                try store.commit(webhooks.unstored() + changes, isRequested: isRequested)
                webhooks.noteStored()
                feed.append(changes, archivedThrough: store.archivedThrough)
                storeFailure = nil
            }
            return .saved
        } catch {
            storeFailure = "\(error)"
            return .saveFailed("\(error)")
        }
    }

    private func perform(_ effect: Effect, at now: Instant) {
        switch effect {
        case .save: break
        case .answer(let number, let answer): inquiries.answer(number, answer)
        case .recall(let number, let query):
            if let readLog { return readLog(number, query) }
            recalled.append(.recalled(number, try? feed.history(query)))
        case .log(.detail, let text): log.debug("\(text)")
        case .log(.notice, let text): log.notice("\(text)")
        case .log(.error, let text): log.error("\(text)")
        // The connection was given up in this turn: what was decided for it is not for the next one.
        case _ where !link.isConnected: break
        case .serve, .read, .notify, .retain, .clear, .reply, .mark, .askForStated, .command,
            .listen,
            .stopListening:
            if case .serve = effect { serve(at: now) }
            if case .notify(_, let batch) = effect {
                timings?.leave(batch, at: now.unix, begun: turnBegun)
            }
            if log.logLevel <= .debug, let words = effect.words { log.debug("\(words)") }
            link.handle(.decided(effect), at: now)
        }
    }

    private func serve(at now: Instant) {
        isServing = true
        if let line = progress.ready(metrics, at: now.uptime) { log.info("\(line)") }
    }

    private func publishMetrics(at now: Instant) {
        guard isServing, report.isDue(settings.metricsInterval, at: now) else { return }
        let latencies = timings?.takeLatencies() ?? []
        let values = numbers(at: now)
        // The uptime is the last of a round.
        for (name, value) in latencies + values {
            link.handle(.counted(name: name, value: "\(value)"), at: now)
        }
    }

    private func numbers(at now: Instant) -> [(name: String, value: Int64)] {
        let uptime = (now.uptime - started.uptime) / 1_000
        return MetricsReport.values(metrics, rows: store.rows, drops: drops, uptime: uptime)
    }

    private func measures(at now: Instant) -> [Measure] {
        let values = numbers(at: now)
        return standing.measures + MetricsReport.measures(values) + link.queues.measures
            + webhooks.measures(at: now.unix / 1_000) + (timings?.measures ?? [])
    }

    // MARK: - Orders

    private func obey(_ orders: Orders, at now: Instant) {
        if orders.contains(.reload) { reload(at: now) }
        if orders.contains(.stop), leavesBy == nil {
            log.notice("ending")
            leavesBy = now.uptime + Self.farewell
            link.leave(by: now.uptime + Self.lastWords)
        }
    }

    private func reload(at now: Instant) {
        do throws(ConfigurationError) {
            let reload = try configuration.reload()
            configuration = reload.configuration
            log.logLevel = settings.logLevel
            link.log.logLevel = settings.logLevel
            link.change(settings)
            decide([.limitsChanged(settings.coreLimits)], at: now)
            for change in reload.applied {
                log.notice("changed \(change)")
            }
            for change in reload.waiting {
                log.warning("not changed until the next start: \(change)")
            }
            if reload.applied.isEmpty, reload.waiting.isEmpty {
                log.notice("read the configuration again: nothing has changed")
            }
        } catch {
            log.error("the configuration is not taken, and nothing changed:")
            for line in "\(error)".split(separator: "\n") { log.error("\(line)") }
        }
    }
}
