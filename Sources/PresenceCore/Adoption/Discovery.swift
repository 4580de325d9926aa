import Presence
import PresenceAdoption

/// What follows from Home Assistant's discovery messages, and from what is said on the topics that they name.
///
/// It listens to topics that it learns at run time, each once, and to none that a line reads already or that is below
/// the protocol's own prefix.
struct Discovery: Sendable {
    /// What stands in the place of a session in the record of a thing of which something was found retained.
    static let keptMark = "$retained"

    private let plan: AdoptionPlan
    private let bounds: AdoptionBounds
    private var table: DiscoveredTable
    /// The things from the store that nothing has described yet.
    private var undescribed: Set<DeviceRecord.Key> = []
    private var outcomes: [Adoption.Outcome] = []

    init(_ plan: AdoptionPlan, _ bounds: AdoptionBounds) {
        (self.plan, self.bounds) = (plan, bounds)
        table = DiscoveredTable(bounds)
    }

    /// Whether a topic is one of those that were learned.
    func knows(_ topic: String) -> Bool {
        !table.topics.isEmpty && table.topics.knows(ExactText(topic))
    }

    /// The topics that tell of a device.
    func topics(of number: DiscoveredNumber) -> [String] {
        number == 0 ? [] : table.topics(of: number)
    }

    mutating func takeOutcomes() -> [Adoption.Outcome] {
        for change in table.topics.takeChanges() { note(change) }
        guard !outcomes.isEmpty else { return [] }
        defer { outcomes = [] }
        return outcomes
    }

    /// Puts topics of which the same is to become into one outcome.
    private mutating func note(_ change: DiscoveredTopics.Change) {
        switch (change, outcomes.last) {
        case (.listens(let filter), .listens(let filters)?):
            outcomes[outcomes.count - 1] = .listens(filters + [filter])
        case (.asks(let topic), .asks(let topics)?):
            outcomes[outcomes.count - 1] = .asks(topics + [topic])
        case (.stops(let topic), .stopsListening(let topics)?):
            outcomes[outcomes.count - 1] = .stopsListening(topics + [topic])
        case (.listens(let filter), _): outcomes.append(.listens([filter]))
        case (.asks(let topic), _): outcomes.append(.asks([topic]))
        case (.stops(let topic), _): outcomes.append(.stopsListening([topic]))
        }
    }

    private mutating func refuse(_ words: String) { outcomes += [.refused, .remark(words)] }

    /// A connection is made: what was learned is listened to again.
    mutating func connect() {
        _ = table.topics.takeChanges()
        let filters = table.topics.filters
        if !filters.isEmpty { outcomes.append(.listens(filters)) }
    }

    mutating func restore(_ key: DeviceRecord.Key) { undescribed.insert(key) }

    // MARK: - What messages describe

    /// Takes a message that describes things.
    mutating func describe(
        _ heard: AdoptionPlan.Heard,
        _ message: AdoptedMessage,
        _ things: inout AdoptedThings,
        _ names: inout Names
    ) {
        let topic = ExactText(message.topic)
        let reading = message.reading ?? things.known.full ?? things.known.lastReading
        // A reading brings all of them again, and to read one takes tens of microseconds.
        let hash = message.payload.hashValue
        guard !table.has(topic, hash: hash) else { return table.find(topic, reading: reading) }
        switch plan.description(in: heard, message.payload) {
        case .removed: describe(topic, [], hash: nil, by: heard.rule, reading, &things, &names)
        case .refused(let reason):
            table.find(topic, reading: reading)
            refuse("adopt discovery: \(message.topic) cannot be taken: \(reason)")
        case .devices(let devices, let leftOut):
            for words in leftOut {
                refuse("adopt discovery: of \(message.topic) this is left out: \(words)")
            }
            let own = devices.compactMap { withoutOthers($0) }
            describe(topic, own, hash: hash, by: heard.rule, reading, &things, &names)
        }
    }

    /// A device without what is another line's, or the protocol's; `nil` if nothing is left.
    private func withoutOthers(_ device: DiscoveredDevice) -> DiscoveredDevice? {
        var device = device
        device.availabilities = device.availabilities.compactMap { what in
            let sources = what.sources.filter { !plan.isOwn($0.topic) }
            // What other lines read alone is theirs; beside a topic of its own it counts, too.
            guard !sources.allSatisfy({ plan.reads($0.topic) }) else { return nil }
            return sources.count == what.sources.count
                ? what : DiscoveredAvailability(mode: what.mode, sources: sources)
        }
        return device.availabilities.isEmpty ? nil : device
    }

    private mutating func describe(
        _ topic: ExactText,
        _ devices: [DiscoveredDevice],
        hash: Int?,
        by rule: Int,
        _ reading: ReadingID,
        _ things: inout AdoptedThings,
        _ names: inout Names
    ) {
        let described = devices.map { device in
            let (user, own, isOther) = plan.names(of: device, by: rule)
            if isOther {
                let words = "\(device.id) of \(topic.text) is device \(own) of user \(user)"
                outcomes.append(.remark("adopt discovery: \(words)"))
            }
            return (device, DeviceKey(user, own))
        }
        let outcome = table.describe(
            topic,
            described,
            hash: hash,
            by: rule,
            qos: plan.qos(of: rule),
            reading: reading,
            isRead: plan.reads
        )
        for key in outcome.gone {
            guard let place = things.place(of: key.device, names.id(of: key.user)) else { continue }
            things.remove(place, isFound: false)
        }
        for (number, key) in outcome.nameless {
            let id = table[number]?.id.text ?? ""
            refuse(
                "adopt discovery: \(id) is not adopted, since another device is called \(key.user), too; "
                    + "user={kind}-{id} tells them apart"
            )
        }
        if outcome.isFull {
            refuse("adopt discovery: there is no room for more devices than are adopted already")
        }
        for other in Set(outcome.crowded).sorted() {
            refuse(
                "adopt discovery: of \(topic.text) this is left out: \(other) is read in \(bounds.ways) other ways "
                    + "already"
            )
        }
        for number in outcome.changed {
            noteDescribed(number, things, names)
            settle(number, says: nil, isFound: true, &things, &names)
        }
    }

    /// A device is described that the store may know.
    private mutating func noteDescribed(
        _ number: DiscoveredNumber,
        _ things: AdoptedThings,
        _ names: Names
    ) {
        guard let key = table[number]?.key, let id = names.id(of: key.user),
            undescribed.remove(DeviceRecord.Key(user: id, name: key.device)) != nil,
            let place = things.place(of: key.device, id), things[place].isKept,
            table.state(of: number) == nil
        else { return }
        table.expect(number)
    }

    // MARK: - What topics say

    /// Takes a message on a topic that was learned.
    mutating func receive(
        _ message: AdoptedMessage,
        _ things: inout AdoptedThings,
        _ names: inout Names
    ) {
        let reading = message.reading ?? things.known.full ?? things.known.lastReading
        let payload = Payload(message.payload)
        let heard = table.topics.hear(
            ExactText(message.topic),
            payload,
            isFound: message.isFound,
            reading: reading
        )
        if !payload.bytes.isEmpty, heard.isUnknown {
            return refuse(
                "adopt discovery: what \(message.topic) says is none of the words that are known"
            )
        }
        // The audit comes by with every slice of a gateway's devices.
        let isAudited = message.isFound && things.known.full == nil && things.known.isSettled
        if isAudited, !heard.isNews { return }
        for number in heard.devices {
            settle(number, says: heard.words, isFound: message.isFound, &things, &names)
        }
    }

    /// Lets a device count as what all that was heard of it says.
    ///
    /// - Parameter words: What was said just now; none where a topic was emptied, `nil` where nothing was said.
    private mutating func settle(
        _ number: DiscoveredNumber,
        says words: Set<Bool>?,
        isFound: Bool,
        _ things: inout AdoptedThings,
        _ names: inout Names
    ) {
        guard let device = table[number], let key = device.key else { return }
        var place = things.place(of: key.device, names.id(of: key.user))
        guard let state = table.state(of: number) else {
            guard let place else { return }
            // Nothing is known of it any more, since its topic was emptied, or the one that was called so is called
            // otherwise.
            let isOthers = ![0, number].contains(things[place].discovered)
            if words?.isEmpty == true || isOthers { things.remove(place, isFound: isFound) }
            return
        }
        if place == nil, state {
            guard things.table.count < bounds.things else {
                return refuse("no more than \(bounds.things) things are adopted")
            }
            place = things.add(key.device, of: names.intern(key.user))
        }
        guard let place else { return }
        guard things[place].topic.isEmpty else {
            return refuse(
                "adopt discovery: \(device.id.text) is not adopted, since \(things[place].topic) is device "
                    + "\(key.device) of user \(key.user)"
            )
        }
        let traits = plan.traits(of: device.rule)
        things.update(place) { [known = things.known] thing in
            thing.discovered = number
            thing.ttl = traits.ttl ?? 0
            if isFound { thing.reading = max(thing.reading, known.full ?? known.lastReading) }
        }
        if isFound, words?.contains(state) == true, !things[place].isKept {
            things.change(place) { $0.isKept = true }
        }
        // What another topic holds up was not said now.
        let isLive = !isFound && words?.contains(state) == true
        things.say(state ? .online : .lost, place, isFound: !isLive)
    }

    // MARK: - Readings

    /// What a reading of everything should have found and has not, to be asked for alone.
    ///
    /// What is known from the store alone and was not described is gone if the reading was whole.
    mutating func missing(
        in reading: ReadingID,
        isCut: Bool,
        _ things: inout AdoptedThings
    ) -> [String] {
        if !isCut {
            var doubtful: Set<DeviceRecord.Key> = []
            for key in undescribed.sorted() {
                guard let place = things.place(of: key.name, key.user) else { continue }
                if things[place].isDoubtful(things.known) {
                    doubtful.insert(key)
                } else {
                    things.remove(place, isFound: true)
                }
            }
            undescribed = doubtful
        }
        return table.isEmpty ? [] : table.missing(in: reading)
    }

    /// Whether a reading has not found a message that describes things; `nil` for what is none that is known.
    func lacks(_ topic: String, in reading: ReadingID) -> Bool? {
        let message = ExactText(topic)
        return table.describes(message) ? table.lacks(message, in: reading) : nil
    }

    /// Other messages that describe things.
    func messages(besides asked: Set<String>, _ most: Int) -> [String] {
        table.messages(besides: asked, most)
    }

    /// Something was asked for alone and not found: returns whether that is a topic that was learned, or a message
    /// that describes things.
    mutating func lack(
        _ topic: String,
        in reading: ReadingID,
        by rule: Int?,
        _ things: inout AdoptedThings,
        _ names: inout Names
    ) -> Bool {
        let exact = ExactText(topic)
        if let rule, table.describes(exact) {
            guard table.lacks(exact, in: reading) else { return true }
            // A broker that was restarted without what it had kept: its devices may be back in a moment.
            guard things.known.isSettled else { return true }
            describe(exact, [], hash: nil, by: rule, reading, &things, &names)
            return true
        }
        guard table.topics.knows(exact) else { return false }
        switch table.topics.lack(exact, in: reading) {
        case .nothing: break
        case .emptied:
            let gone = AdoptedMessage(topic: topic, payload: [], isFound: true, reading: reading)
            receive(gone, &things, &names)
        case .absent(let devices):
            for number in devices where table.isSilent(number) {
                guard let key = table[number]?.key,
                    let place = things.place(of: key.device, names.id(of: key.user))
                else { continue }
                things.remove(place, isFound: true)
            }
        }
        return true
    }
}
