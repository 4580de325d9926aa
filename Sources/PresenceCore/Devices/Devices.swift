import OrderedCollections
import Presence

/// The machine of the devices: what their topics say, and which of them therefore count as online.
///
/// Statements and the ends of graces come in; who shows with which word goes out, and what is to be
/// written to device topics. It knows of the broker what ``Evidence`` says, and of users their
/// names alone. This file has what others ask and tell; each of the others has one matter.
struct Devices: Sendable {
    /// What others must learn or do.
    enum Outcome: Sendable {
        /// What a device counts as, and what follows for it.
        case device(DeviceOutcome)
        /// A device topic is to be written or emptied.
        case write(Effect)
        /// A device is to be asked to announce itself.
        case reply(Reply)
        /// A statement of a device is refused, which is told it.
        case refusal(DeviceKey, Refusal, Reply)
        /// The broker's plugin is to be asked what was stated since the broker's start.
        case asksForStated
        /// While everything was read a topic said something else than was known.
        case news
        /// A statement could not be kept: it is to be found when everything is read.
        case missed
        /// Each device that had not spoken since the restart of the broker was given up.
        case suspectsGivenUp
        /// The broker has all that was written of them.
        case suspectsSettled
    }

    var settings: Settings
    var known: Evidence

    var table = DeviceTable()
    /// How many devices users have online that others speak for.
    private(set) var adopted: [UserID: Int] = [:]
    var rates = RateMeter<Report>()
    var corrections = Corrections()
    var operatorWords = OperatorWords()
    /// Retained messages on topics with a name that nobody can have, which wait for being cleared.
    var misnamed = OrderedSet<String>()
    var suspects = Suspects()
    /// Devices whose going waits until it is known whether the broker has restarted.
    var postponed: Set<DeviceRecord.Key> = []
    /// The latest second that was told of a device.
    private(set) var told: Int64 = 0
    var outcomes: [Outcome] = []
    /// What was taken last, whose room is used again.
    private var taken: [Outcome] = []

    /// The other bridges of the prefix.
    private var bridges: Set<String> = []
    private static let mostBridges = 1_000

    init(_ settings: Settings, _ known: Evidence) {
        self.settings = settings
        self.known = known
    }

    var now: Instant { known.now }
    var limits: Limits { settings.limits }
    var topics: Topics { settings.topics }
    var bridgeID: String { settings.bridgeID }

    /// Learns of another bridge of the prefix.
    mutating func meet(bridge id: String) {
        if bridges.count < Self.mostBridges { bridges.insert(id) }
    }

    /// Whether something that is marked so was written by a bridge: this one, or one that served before it.
    func isBridge(_ mark: String?) -> Bool {
        mark.map { $0 == bridgeID || bridges.contains($0) } ?? false
    }

    /// The second to tell of what happens now.
    mutating func second() -> Int64 {
        told = max(told, known.second)
        return told
    }

    // MARK: - What is asked

    var all: Range<UserID> { table.all }
    func knows(_ user: UserID) -> Bool { !table[user].isEmpty }

    /// Whether an alarm of a device's is the one that it waits for.
    func awaits(_ alarm: Int64, of user: UserID, _ number: DeviceNumber) -> Bool {
        table.index(of: number, of: user).map { table[user, $0].wake == alarm } ?? false
    }

    func record(_ key: DeviceRecord.Key) -> DeviceRecord? {
        guard let index = table.index(of: key.name, of: key.user) else { return nil }
        let device = table[key.user, index]
        guard device.isKnown else { return nil }
        return DeviceRecord(
            user: key.user,
            name: device.name,
            status: device.shown ?? device.statement.status,
            ttl: device.statement.ttl,
            session: device.statement.session,
            epoch: device.epoch,
            heard: device.heard
        )
    }

    mutating func takeOutcomes() -> [Outcome] {
        guard !outcomes.isEmpty else { return [] }
        taken.removeAll(keepingCapacity: taken.count < 64)
        swap(&taken, &outcomes)
        return taken
    }

    // MARK: - What happens

    mutating func look(at known: Evidence) { self.known = known }

    /// A user has so many devices online that others speak for: its limit is for all together.
    mutating func note(adopted count: Int, of user: UserID) {
        adopted[user] = count > 0 ? count : nil
    }

    /// Whether a user has as many devices online as may be.
    func isFull(_ user: UserID) -> Bool {
        table.onlineCount(of: user) + adopted[user, default: 0] >= limits.maxDevices
    }

    mutating func restore(_ record: DeviceRecord) {
        table.append(Device(restoring: record), to: record.user)
    }

    /// The operator has changed the limits: every alarm is reckoned anew, and no more devices are
    /// remembered than may be.
    mutating func change(_ settings: Settings, _ names: Names, _ alarms: inout Alarms) {
        self.settings = settings
        for id in table.all {
            trimHidden(id, names)
            for index in table[id].indices { schedule(id, index, &alarms) }
        }
    }

    /// The connection is gone: what was deferred is read again as a whole.
    mutating func disconnect() {
        rates.forgetDeferred()
        misnamed.removeAll()
        corrections.dropPending()
    }

    /// The process makes its first connection: those who were hidden before it are remembered as long
    /// as if they had gone now.
    mutating func resumeHidden(at now: Instant, _ alarms: inout Alarms) {
        for id in table.all {
            for index in table[id].indices where table[id, index].shown == nil {
                table[id, index].resumeHidden(at: now)
                schedule(id, index, &alarms)
            }
        }
    }

    mutating func beginServing(hasRestarted: Bool, _ names: Names) {
        resumeSuspects(hasRestarted: hasRestarted)
        askUnconfirmed()
        resumeDoubts(names)
    }

    /// An alarm of the devices' went off.
    ///
    /// - Parameter isCongested: whether the broker does not keep up.
    mutating func passAlarm(
        _ purpose: AlarmPurpose,
        _ time: Int64,
        isCongested: Bool,
        _ names: inout Names
    ) {
        switch purpose {
        case .device(let id, let number): passAlarm(id, number, time, &names)
        case .deferredStatements(let number): releaseDeferred(number, &names)
        case .misnamedTopics: clearMisnamed()
        case .suspectsAsked: askSuspects(isCongested: isCongested, names)
        case .suspectsEnd: giveUpSuspects(isCongested: isCongested, &names)
        case .outbox, .subscription, .user, .audit, .rereading, .certainty, .store, .adopted,
            .adoptedGateway, .adoptedSuspects, .export:
            preconditionFailure("\(purpose) is no alarm of the devices'")
        }
    }
}
