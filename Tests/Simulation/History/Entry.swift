import Presence
import PresenceCore

/// One thing that happened in a simulation, as an onlooker of the broker and of the processes sees it.
///
/// The checkers read these and nothing else: they know neither the simulator nor the bridge.
package struct Entry: Sendable {
    /// When it happened.
    package var time: Instant
    /// What happened.
    package var event: Event

    /// A thing that happened.
    package init(_ event: Event, at time: Instant) {
        self.event = event
        self.time = time
    }

    /// What can happen.
    ///
    /// Topics are told apart already; the order is that in which the broker took things.
    package enum Event: Sendable {
        // The world.

        /// A fault was done to the world, by name.
        case fault(Fault)
        /// A process of the bridge began.
        case bridgeStarted
        /// A process of the bridge ended: in order, or in the middle of anything.
        case bridgeEnded(isCrash: Bool)
        /// The bridge's connection to the broker ended, whatever the cause.
        case bridgeCutOff
        /// The bridge said that it takes requests, with its epoch.
        case bridgeServes(epoch: Int64)
        /// A bridge got the store that it shares with others.
        case storeTaken(bridge: String)
        /// A bridge found that the store that it shares was another one's, and ended.
        case storeLost(bridge: String)
        /// A bridge wrote something while another one served.
        case wroteBesides(bridge: String, topic: String)
        /// The broker began to run.
        case brokerStarted
        /// The broker ended: in order, with every will sent, or killed.
        case brokerEnded(isKill: Bool)
        /// A turn of the bridge: how much it read, how much it sent, how many changes it stored.
        case turn(read: Int, sent: Int, stored: Int)
        /// Changes were stored.
        case stored([Change])
        /// Changes were not stored.
        case storeRefused

        /// The users who have one device each that is a plain thing: it names no session, and is not
        /// asked.
        case plain(users: Set<String>)

        /// What is adopted in this world.
        case adopted([AdoptedThing])

        // What the broker took from the bridge.

        /// A user's retained status; `nil` where it was cleared.
        case status(user: String, StatusSeen?)
        /// A batch of events, so many bytes long.
        case told(watcher: String, [EventSeen], bytes: Int)
        /// An answer to a request, or what came to a device that had asked nothing (`tag` is `nil`).
        case answered(AnswerSeen)

        /// Something that the bridge wrote to a topic that is none of the protocol's.
        case wroteElsewhere(topic: String)

        /// An operator begins to ask something about a user, by another way than the broker.
        case operatorCalled(user: String, isErasure: Bool)
        /// It was carried out, as the bridge says.
        case operatorAnswered(user: String, isErasure: Bool)
        /// The receiver of a webhook has taken a batch of changes.
        case webhookTook(WebhookSeen)
        /// It has said that it wants nothing any more.
        case webhookEnded(url: String)

        // What the broker took from devices, or found in their wills.

        /// A word on a device topic: by the device, by its will, or by the bridge.
        case stated(user: String, device: String, payload: [UInt8], isRetained: Bool, by: Speaker)
        /// Something on an adopted topic: by the program, or by its will.
        case published(AdoptedSeen)
        /// A request reached the bridge's process; it may coverage it more than once.
        case asked(RequestSeen)

        // The rests between the storms.

        /// Faults have stopped, graces have passed: what is, and what should be.
        case rest(Rest)
        /// All receivers of webhooks are well, and have had time: whether they have everything, as the bridge sees
        /// it.
        case webhooksRest(isDone: Bool)
        /// The bridge does not answer though nothing is wrong any more.
        case unanswered
        /// From here on, until `quietEnded`, nobody changed anything and nobody is to be told anything.
        case quietBegan(Quiet)
        /// The end of that.
        case quietEnded
        /// Everybody has logged out, unsubscribed and been forgotten: how much is still held.
        case deserted(Footprint)
    }

    /// Who wrote to a device topic.
    package enum Speaker: Hashable, Sendable {
        case device
        case will
        case bridge
    }

    /// Why it should be quiet.
    package enum Quiet: String, Hashable, Sendable {
        /// The bridge alone was started again.
        case bridgeRestart
        /// The broker was, and all devices came back in time.
        case brokerRestart
        /// The broker was, and plain things came back by themselves, or did not: of whoever is at the
        /// next rest what it was at the last, nobody is to be told anything.
        case plainRestart
    }
}

/// What can be done to the world.
package enum Fault: String, CaseIterable, Hashable, Sendable {
    /// The bridge is killed between two turns.
    case bridgeKilled
    /// The bridge dies before its turn is committed.
    case crashBeforeCommit
    /// The bridge dies after its turn is committed, and before, or amid, what it publishes.
    case crashAfterCommit
    /// The bridge is told to end, and starts again.
    case bridgeStopped
    /// The bridge stands still for a while.
    case bridgePaused
    /// The bridge's host loses its power: the broker takes its connection to be standing, until the
    /// next process takes its place.
    case bridgeVanished
    /// The broker is killed and comes back with what it had saved.
    case brokerKilled
    /// The broker is killed and comes back with nothing.
    case brokerEmptied
    /// The broker is stopped in order and comes back.
    case brokerStopped
    /// Broker and bridge are killed together, as with a host's reboot.
    case hostRebooted
    /// The bridge's connection breaks.
    case bridgeDisconnected
    /// The bridge's connection is there, and nothing passes.
    case bridgePartitioned
    /// The broker drops messages to the bridge.
    case messagesDropped
    /// The store accepts no writes for a while.
    case storeFull
    /// The wall clock is set.
    case clockStepped
    /// A client's connection breaks, and its will is published.
    case clientCrashed
    /// A client's connection is half-open, and its will comes late.
    case clientPartitioned
    /// A client's message comes twice.
    case messageDuplicated
    /// A client comes back under the same client id while its old connection stands.
    case clientTakenOver
    /// A client comes back under another client id; the will of the old connection comes afterwards.
    case willLate
    /// Something that is no statement is written to a device topic.
    case garbageStated
    /// Something that is no request is sent.
    case garbageAsked
    // With adopted programs.

    /// The process of one dies, and its will is published if it has one.
    case thingKilled
    /// The connection of one is half-open, and its will comes late.
    case thingPartitioned
    /// One comes back while its old connection stands.
    case thingTakenOver
    /// One that has no will says nothing more, or sleeps and never wakes.
    case thingSilent
    /// Something that is no word is written to an adopted topic.
    case wordGarbled

    // With bridges that share a store.

    /// The bridge stands still for longer than its lease.
    case bridgeFrozen
    /// One of the bridges, most often that which serves, does not reach the database for a while.
    case databaseCutOff
    /// The database is started again.
    case databaseRestarted
    /// The database answers nobody for a while.
    case databaseSilent
    /// One that stands by is killed.
    case standbyKilled

    // With seasons of their own.

    /// All connections of one user break at once, and all are back a moment later.
    case userCut
    /// The broker's queue for the bridge holds less than what is retained on device topics, so that it
    /// cuts readings.
    case readingsCut
}
