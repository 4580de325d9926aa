import BitCollections
import DequeModule
import Presence
import PresenceAdoption

/// The machine that describes users to Home Assistant: which of the messages for that are there, and which are to be
/// written or cleared.
///
/// What is retained is read after each connection, once users are known: a message that is missing or differs is
/// written, and one of nobody is cleared. Below which prefix messages were written is noted beside the bridge's own
/// state, so that they are found when the line has gone. It knows users by names and numbers alone.
struct Export: Sendable {
    /// What others must do.
    enum Outcome: Equatable, Sendable {
        /// What is retained on topics that match a filter is to be read.
        case reads(String)
        /// A message is to be written, or cleared.
        case writes(String, [UInt8])
        case clears(String)
        /// The prefix is to be noted, or with `nil` no more.
        case notes(String?)
        /// An alarm is wanted, at a time in milliseconds of uptime.
        case alarm(at: Int64)
    }

    private enum Phase: Equatable {
        case away
        /// What was written below a prefix that holds no more is read, to be cleared.
        case clearing
        /// What is there is read.
        case reading
        case knows
    }

    /// How many messages are written at one go, and the time between two such, in milliseconds.
    private static let slice = 500
    private static let pause: Int64 = 100
    /// After how long what the broker has dropped is read again, in milliseconds.
    private static let secondLook: Int64 = 1_000

    private let topics: Topics
    private let bridgeID: String
    private let plan: ExportPlan?
    private var phase = Phase.away
    /// The prefix that is noted beside the bridge's own state.
    private var noted: String?
    /// The users whose message is there, or is written next.
    private var written = BitSet()
    private var waiting: Deque<UserID> = []
    private var hasAlarm = false
    private var outcomes: [Outcome] = []

    init(_ plan: ExportPlan?, _ topics: Topics, bridgeID: String) {
        self.plan = plan
        self.topics = topics
        self.bridgeID = bridgeID
    }

    /// Whether there is nothing to do.
    var isIdle: Bool { plan == nil && noted == nil }

    private func topics(below prefix: String) -> ExportTopics {
        ExportTopics(prefix: prefix, topics, bridgeID: bridgeID)
    }

    private var own: ExportTopics? { plan.map { topics(below: $0.prefix) } }

    mutating func takeOutcomes() -> [Outcome] {
        guard !outcomes.isEmpty else { return [] }
        defer { outcomes = [] }
        return outcomes
    }

    // MARK: - A connection

    /// A connection is made: nothing is known of what is retained.
    mutating func connect() {
        disconnect()
        noted = nil
    }

    mutating func disconnect() {
        phase = .away
        (written, waiting, hasAlarm, outcomes) = (BitSet(), [], false, [])
    }

    /// The note was found beside the bridge's own state.
    mutating func find(note prefix: String) {
        if TopicPrefix.fault(of: prefix) == nil { noted = prefix }
    }

    /// Users are known: what is retained for them is read.
    mutating func beginServing() {
        if let noted, noted != plan?.prefix {
            phase = .clearing
            readOld()
        } else {
            beginReading()
        }
    }

    private mutating func readOld() {
        if let noted { outcomes.append(.reads(topics(below: noted).every)) }
    }

    private mutating func beginReading() {
        guard let own, let plan else {
            phase = .away
            return
        }
        if noted != plan.prefix { outcomes.append(.notes(plan.prefix)) }
        noted = plan.prefix
        phase = .reading
        outcomes.append(.reads(own.every))
    }

    /// A message was found.
    mutating func find(_ topic: String, _ payload: [UInt8], _ users: some Statuses, _ names: Names)
    {
        guard !payload.isEmpty else { return }
        switch phase {
        case .clearing:
            guard let noted, topics(below: noted).user(of: topic) != nil,
                ExportTopics.isOwn(payload)
            else { return }
            outcomes.append(.clears(topic))
        case .reading:
            guard let own, let plan, let name = own.user(of: topic) else { return }
            if plan.includes(name), let id = names.id(of: name), users.hasStatus(id) {
                if own.payload(of: name) == payload { written.insert(Int(id)) }
            } else if ExportTopics.isOwn(payload) {
                outcomes.append(.clears(topic))
            }
        case .away, .knows: break
        }
    }

    /// What was asked for is read.
    ///
    /// - Parameters:
    ///   - known: The users who have a status.
    ///   - isCut: Whether the broker has dropped some of it. What is to be cleared is read again then: once the note
    ///   has gone nobody looks for it any more.
    mutating func endReading(_ known: some Sequence<UserID>, isCut: Bool, at now: Instant) {
        switch phase {
        case .clearing where isCut: setAlarm(at: now.uptime + Self.secondLook)
        case .clearing:
            outcomes.append(.notes(nil))
            noted = nil
            beginReading()
        case .reading:
            phase = .knows
            for id in known { note(id, at: now) }
        case .away, .knows: break
        }
    }

    // MARK: - Users

    /// A user has a status, be it the first one or another.
    mutating func note(_ id: UserID, at now: Instant) {
        guard phase == .knows, !written.contains(Int(id)) else { return }
        written.insert(Int(id))
        waiting.append(id)
        setAlarm(at: now.uptime)
    }

    private mutating func setAlarm(at uptime: Int64) {
        guard !hasAlarm else { return }
        hasAlarm = true
        outcomes.append(.alarm(at: uptime))
    }

    /// All that was known of a user is forgotten.
    mutating func forget(_ id: UserID, named name: Name) {
        guard let own, let plan, plan.includes(name), phase != .away else { return }
        written.remove(Int(id))
        outcomes.append(.clears(own.config(of: name)))
    }

    /// Reads again what is to be cleared, or writes what waits, a part of it, and more after a while.
    ///
    /// - Parameter isCongested: Whether the broker does not keep up.
    mutating func passAlarm(_ names: Names, isCongested: Bool, at now: Instant) {
        hasAlarm = false
        if phase == .clearing { return readOld() }
        guard let own, let plan else { return }
        if !isCongested {
            for _ in 0..<Self.slice {
                guard let id = waiting.popFirst() else { break }
                // One that was forgotten meanwhile has been taken out.
                guard written.contains(Int(id)), let name = names.name(of: id),
                    plan.includes(name)
                else { continue }
                outcomes.append(.writes(own.config(of: name), own.payload(of: name)))
            }
        }
        if !waiting.isEmpty { setAlarm(at: now.uptime + Self.pause) }
    }
}
