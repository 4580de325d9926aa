import Presence
import PresenceAdoption

/// The machine of adopted things: what their topics say, and which of them therefore count as online.
///
/// What is published on topics that are not ours comes in, and who shows with which word goes out. Nothing is ever
/// written there, and nobody is asked anything. It knows of the broker what ``Evidence`` says, and of users
/// their names alone.
struct Adoption: Sendable {
    /// What others must learn or do.
    enum Outcome: Sendable {
        /// What a thing counts as, and what follows for it.
        case device(DeviceOutcome)
        /// A message cannot be taken.
        case refused
        /// Something is to be said in the log.
        case remark(String)
        /// Something is to be said in the log, for whoever looks for why something is as it is.
        case detail(String)
        /// A gateway is to be asked for its birth, on a topic.
        case asksForBirth(String)
        /// Topics were learned that are to be listened to, with those that are listened to already.
        case listens([TopicFilter])
        /// What is retained on topics is to be read once.
        case asks([String])
        /// Topics are not to be listened to any more.
        case stopsListening([String])

        var isRemark: Bool {
            if case .remark = self { true } else { false }
        }
    }

    /// How much later than it said a thing may wake, in seconds.
    private static let oversleep: Int64 = 120

    private let plan: AdoptionPlan
    private let bounds: AdoptionBounds
    private var things: AdoptedThings
    private var discovery: Discovery
    private var rebirths = Rebirths()
    private var remarks = Remarks()
    /// When those count as lost that have not spoken since the restart of the broker, in milliseconds of uptime.
    private var suspectsEnd: Int64?
    /// The lines of which something has come.
    private var hasHeard: [Bool]
    private var readings: AdoptedReadings
    private var outcomes: [Outcome] = []

    init(
        _ plan: AdoptionPlan,
        _ limits: Limits,
        _ known: Evidence,
        _ bounds: AdoptionBounds = AdoptionBounds()
    ) {
        (self.plan, self.bounds) = (plan, bounds)
        hasHeard = plan.lines.map { _ in false }
        things = AdoptedThings(limits, known)
        discovery = Discovery(plan, bounds)
        readings = AdoptedReadings(plan)
    }

    // MARK: - What is asked

    /// Whether nothing is adopted.
    var isIdle: Bool { plan.isEmpty }
    func knows(_ user: UserID) -> Bool { !isIdle && !things.table[user].isEmpty }

    /// The latest second that was told of a thing.
    var told: Int64 { things.told }

    /// Whether a device is an adopted one, for which nobody else speaks.
    func claims(_ user: Name, _ device: Name) -> Bool { !isIdle && plan.claims(user, device) }

    /// Whether an alarm of a thing's is the one that it waits for.
    func awaits(_ alarm: Int64, of user: UserID, _ number: DeviceNumber) -> Bool {
        things.table.index(of: number, of: user).map { things.table[user][$0].wake == alarm }
            ?? false
    }

    func record(_ key: DeviceRecord.Key) -> DeviceRecord? {
        guard !isIdle, let place = things.place(of: key.name, key.user) else { return nil }
        return things.record(place)
    }

    /// How many of a user's things count as online.
    func shownCount(of user: UserID) -> Int { isIdle ? 0 : things.table.shownCount(of: user) }

    func explain(_ user: UserID) -> [DeviceExplanation] { things.explain(user, suspectsEnd) }

    /// The topics of some users' things, to be read again.
    func topics(of users: Range<UserID>) -> [String] {
        guard !isIdle else { return [] }
        var topics: [String] = []
        // A gateway's topic is that of each of its devices.
        var learned: Set<String> = []
        for user in users {
            for thing in things.table[user] {
                if !thing.topic.isEmpty { topics.append(thing.topic) }
                learned.formUnion(discovery.topics(of: thing.discovered))
            }
        }
        return topics + learned.sorted()
    }

    mutating func takeOutcomes() -> [Outcome] {
        // It is asked after each message: what most of them lead to is handed on as it is.
        var all = things.takeOutcomes()
        let others = discovery.takeOutcomes()
        if !others.isEmpty { all += others }
        if !outcomes.isEmpty {
            all += outcomes
            outcomes = []
        }
        guard all.contains(where: \.isRemark) else { return all }
        return all.filter { outcome in
            guard case .remark(let words) = outcome else { return true }
            return remarks.isNew(words, at: things.now)
        }
    }

    private mutating func remark(_ words: String) { outcomes.append(.remark(words)) }

    private mutating func refuse(_ words: String) { outcomes += [.refused, .remark(words)] }

    // MARK: - What happens around it

    mutating func look(at known: Evidence) { things.known = known }
    mutating func change(_ limits: Limits) { things.limits = limits }
    mutating func connect() {
        things.connect()
        discovery.connect()
        rebirths.connect()
    }

    mutating func restore(_ record: DeviceRecord, of user: Name) {
        var device = AdoptedDevice(restoring: record)
        if let traits = plan.traits(of: user, record.name) {
            (device.ttl, device.startsAnew) = (traits.ttl ?? 0, traits.startsAnew)
            device.line = traits.line
            device.note(isIll: traits.hasErrors && record.status == .lost, in: 0)
            device.isReadAgain = traits.isRetained && !traits.describes
            if traits.describes { discovery.restore(record.key) }
        }
        device.isKept = record.session == Discovery.keptMark
        things.restore(device, of: record.user, behind: device.isKept ? nil : record.session)
    }

    /// Takes in which things were online, by a status that is newer than what the store knew.
    mutating func adopt(_ shown: [DeviceStatus], of id: UserID, _ user: Name, since: Int64) {
        let known = things.known
        things.hide(allBut: shown.map(\.name), of: id)
        for device in shown where things.place(of: device.name, id) == nil {
            let record = DeviceRecord(
                user: id,
                name: device.name,
                status: device.status,
                epoch: known.epoch - (known.isSettled ? 0 : 1),
                heard: since
            )
            restore(record, of: user)
            outcomes.append(.device(.shows(id, device.name, device.status)))
            outcomes.append(.device(.stored(record.key)))
        }
    }

    /// A user has no room for a thing that was to show.
    mutating func refuse(_ id: UserID, _ device: Name) {
        if let place = things.place(of: device, id) { things.refuse(place) }
    }

    /// Whether a user had no room for a thing.
    func awaitsRoom(of id: UserID) -> Bool { !isIdle && things.crowded.contains(id) }

    /// A user may have room again for things that were refused.
    mutating func fillRoom(of id: UserID) { things.fillRoom(of: id) }

    /// The broker has restarted: returns how many things must speak again.
    mutating func suspectAll() -> Int {
        suspectsEnd = nil
        return isIdle ? 0 : things.suspectAll()
    }

    /// Gives those who have not spoken since a restart of the broker a time for that: the grace, and where nobody
    /// listened meanwhile half of it once more.
    mutating func watchSuspects() {
        guard !isIdle, !things.known.isSettled else {
            suspectsEnd = nil
            return
        }
        let grace = things.limits.brokerRestartGrace.milliseconds
        let now = things.now.uptime
        let end = suspectsEnd.map { max($0, now + grace / 2) } ?? now + grace
        suspectsEnd = end
        outcomes.append(.device(.alarm(.adoptedSuspects, at: end)))
    }

    /// Everything is read: what brought nothing is named, since a right that is missing looks the same.
    mutating func beginServing() {
        watchSuspects()
        for (number, line) in plan.lines.enumerated()
        where !hasHeard[number] && plan.expectsRetained(number) {
            remark(
                "'adopt \(line.text)' has found nothing: if there are such things, the bridge's user may lack "
                    + "rights in the broker's ACL: \(plan.rights(of: number))"
            )
        }
    }

    mutating func passAlarm(_ purpose: AlarmPurpose, _ time: Int64) {
        switch purpose {
        case .adopted(let id, let number): things.passAlarm(id, number, time)
        case .adoptedGateway(let number): things.passAlarm(number)
        case .adoptedSuspects:
            guard !things.known.isSettled, let suspectsEnd, time >= suspectsEnd else { return }
            guard things.known.full == nil else {
                return outcomes.append(.device(.alarm(purpose, at: things.now.uptime + 1_000)))
            }
            things.giveUpSuspects()
        default: preconditionFailure("\(purpose) is no alarm of adopted things")
        }
    }

    // MARK: - Readings

    /// The topics that a reading of everything should have found and has not, to be asked for alone.
    mutating func missing(in reading: ReadingID, isCut: Bool) -> [String] {
        guard !isIdle else { return [] }
        defer { outcomes += readings.takeOutcomes() }
        return readings.missing(
            in: reading,
            isCut: isCut,
            hasHeard: hasHeard,
            &things,
            &discovery
        )
    }

    /// Topics were asked for alone: nothing follows where the broker has dropped something.
    mutating func endReading(
        _ topics: [String],
        _ reading: ReadingID,
        isCut: Bool,
        _ names: inout Names
    ) {
        guard !isCut else { return }
        readings.end(topics, reading, &things, &discovery, &names)
        outcomes += readings.takeOutcomes()
    }

    // MARK: - What topics say

    /// Takes a message on an adopted topic.
    mutating func receive(_ message: AdoptedMessage, _ names: inout Names) {
        if discovery.knows(message.topic) { discovery.receive(message, &things, &names) }
        guard let heard = plan.hear(message.topic, message.payload) else { return }
        let traits = plan.traits(of: heard.rule)
        hasHeard[traits.line] = true
        if traits.describes { return discovery.describe(heard, message, &things, &names) }
        // Where births are not retained, what is found is no word of now.
        if message.isFound, !traits.isRetained { return }
        guard heard.saying != .unknown else {
            if message.isFound { note(heard, traits, message, names) }
            return refuse(
                "adopt \(traits.kind): what \(message.topic) says is none of the words that are known"
            )
        }
        // Beside the topic that a thing is known by, what is emptied is nothing that was said.
        if heard.saying == .removed, !traits.isMain { return }
        if let key = plan.gateway(of: heard), let word = heard.saying.ofGateway {
            let source = plan.source(of: heard)
            if message.isFound, traits.isThing, traits.isMain {
                let (user, device, _) = plan.names(of: heard)
                things.learn(of: device, names.id(of: user), isGateway: key)
            }
            guard things.hear(word, ofGateway: key, behind: source, isFound: message.isFound)
            else { return }
        }
        noteBirth(heard)
        guard traits.isThing else { return }
        hear(heard, traits, message, &names)
    }

    /// Asks a node for its birth where data comes and none was heard, if a line allows that.
    private mutating func noteBirth(_ heard: AdoptionPlan.Heard) {
        guard let node = plan.gateway(of: heard) ?? plan.source(of: heard) else { return }
        switch heard.saying {
        case .born: rebirths.hearBirth(of: node)
        case .died: rebirths.hearDeath(of: node)
        default:
            guard let topic = plan.command(of: heard),
                rebirths.hearData(of: node, at: things.now.uptime)
            else { return }
            outcomes.append(.asksForBirth(topic))
        }
    }

    /// Notes that the topic of a thing was found, though it has none of the known words: the thing stays as it is.
    private mutating func note(
        _ heard: AdoptionPlan.Heard,
        _ traits: AdoptionTraits,
        _ message: AdoptedMessage,
        _ names: Names
    ) {
        guard traits.isThing, traits.isMain else { return }
        let (user, device, _) = plan.names(of: heard)
        guard let place = things.place(of: device, names.id(of: user)),
            ["", message.topic].contains(things[place].topic)
        else { return }
        let reading = message.reading ?? things.known.full ?? things.known.lastReading
        things.update(place) { thing in
            thing.topic = message.topic
            thing.isReadAgain = true
            thing.reading = max(thing.reading, reading)
        }
    }

    /// Takes what a topic says of a thing.
    private mutating func hear(
        _ heard: AdoptionPlan.Heard,
        _ traits: AdoptionTraits,
        _ message: AdoptedMessage,
        _ names: inout Names
    ) {
        let (user, device, isOther) = plan.names(of: heard)
        var place = things.place(of: device, names.id(of: user))
        if place == nil {
            let isIll = traits.isError && heard.saying == .lost
            guard heard.saying.makesThing(at: things.now) || isIll else { return }
            guard things.table.count < bounds.things else {
                return refuse("no more than \(bounds.things) things are adopted")
            }
            let new = things.add(device, of: names.intern(user))
            if message.isFound, traits.mayHang { things.awaitGateway(of: new) }
            if isOther { remark("\(message.topic) is device \(device) of user \(user)") }
            place = new
        }
        guard let place else { return }
        let isItsTopic = traits.isMain && traits.isRetained
        let topic = things[place].topic
        if isItsTopic, !topic.isEmpty, topic != message.topic {
            let words =
                "\(message.topic) is not adopted, since \(topic) is device \(device) of user \(user)"
            return refuse(words)
        }
        let reading = message.reading ?? things.known.full ?? things.known.lastReading
        things.update(place) { thing in
            (thing.ttl, thing.startsAnew) = (traits.ttl ?? 0, traits.startsAnew)
            thing.line = traits.line
            if traits.isError { thing.note(isIll: heard.saying == .lost, in: reading) }
            guard isItsTopic else { return }
            thing.topic = message.topic
            thing.isReadAgain = true
            if message.isFound { thing.reading = max(thing.reading, reading) }
        }
        if let source = plan.source(of: heard) { things.put(place, behind: source) }
        take(heard, place, isFound: message.isFound)
    }

    private mutating func take(
        _ heard: AdoptionPlan.Heard,
        _ place: AdoptedThings.Place,
        isFound: Bool
    ) {
        let thing = things[place]
        switch heard.saying {
        case .online(let word): things.say(word, place, isFound: isFound)
        case .born: things.say(.online, place, isFound: isFound)
        case .connected(let time):
            guard time >= thing.connected ?? .min else { return }
            things.update(place) { $0.connected = time }
            things.say(.online, place, isFound: isFound)
        case .disconnected(let time, let inOrder):
            guard time >= thing.connected ?? .min else { return }
            things.say(inOrder ? .offline : .lost, place, isFound: isFound)
        case .lost, .died: things.say(.lost, place, isFound: isFound)
        case .ended: things.say(.offline, place, isFound: isFound)
        case .removed: things.remove(place, isFound: isFound)
        case .present:
            // Unless it has said that it is not well.
            if thing.heard == 0 || thing.said.isOnline {
                things.say(.online, place, isFound: isFound)
            }
        case .alive: if !isFound { things.live(place) }
        case .sleeps(let wakes):
            // What is found of one that is known to be gone may be of an earlier sleep.
            let hasGone = thing.heard > 0 && !thing.said.isOnline
            guard !(isFound && hasGone && thing.shown == nil) else { return }
            let times = UnixSeconds.range
            let ends = min(max(wakes, times.lowerBound), times.upperBound)
            things.update(place) { $0.sleeps(until: ends + Self.oversleep, isFound: isFound) }
            // The note alone brings nobody there: a gone word must stand beside it.
            if hasGone { things.settle(place, isLive: !isFound) }
        case .hangs(let name):
            things.hang(place, behind: name.flatMap { plan.source(named: $0, in: heard) })
        case .nothing, .unknown: break
        }
    }
}
