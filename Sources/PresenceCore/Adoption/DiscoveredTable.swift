import Presence
import PresenceAdoption

/// The number of a device that was described; 0 stands for none.
typealias DiscoveredNumber = UInt32

/// What discovery messages have described: devices, what tells whether each is there, and the topics of that.
///
/// Many entities of one device name the same topics, and all devices of a gateway name the gateway's. So what
/// tells that an entity is available is kept once, with what was heard, however many name it.
struct DiscoveredTable: Sendable {
    /// A device, and how many messages say that it goes by what.
    struct Device: Sendable {
        let id: ExactText
        /// Which device of which user it is; `nil` where another device has that name.
        var key: DeviceKey?
        /// The message that it is called after.
        var namedBy: ExactText
        let rule: Int
        var uses: [(availability: Int, count: Int)] = []
    }

    /// What a message has said: that a device goes by something.
    private struct Use: Equatable, Sendable {
        let device: DiscoveredNumber
        let availability: Int
    }

    private struct Config: Sendable {
        var uses: [Use]
        /// What tells its payload from another one.
        let hash: Int
        var reading: ReadingID
    }

    private struct Topic: Sendable {
        /// What it tells of, sorted.
        var availabilities: [Int] = []
        /// Whether it is listened to for this alone.
        let isOwn: Bool
        let qos: UInt8
        var reading: ReadingID
        /// Whether something was found on it: what is found no more is gone then.
        var isRetained = false
        /// The different ways in which it is read, and what was heard last in each.
        var readings: [(source: DiscoveredSource, word: Bool?)] = []

        func word(for source: DiscoveredSource) -> Bool?? {
            readings.first { $0.source.reads(like: source) }?.word
        }
    }

    /// What is to become of a topic.
    enum Change: Equatable, Sendable {
        case listens(TopicFilter)
        /// What is retained is to be read once, since a line of its own listens.
        case asks(String)
        case stops(String)
    }

    /// The most devices, the most messages, and about the most memory that is kept of them, in bytes.
    static let mostDevices = 250_000
    static let mostMessages = 1_000_000
    static let mostBytes = 256 << 20
    /// About what an entry of a table takes beside its texts, in bytes.
    private static let entryBytes = 200
    /// In how many ways one topic is read at most without reading it anew for each device.
    static let mostReadings = 16

    private var configs: [ExactText: Config] = [:]
    private var topics: [ExactText: Topic] = [:]
    private var numbers: [ExactText: DiscoveredNumber] = [:]
    private var owners: [DeviceKey: DiscoveredNumber] = [:]
    private var devices: [Device?] = [nil]
    private var freeDevices: [DiscoveredNumber] = []
    private var places: [DiscoveredAvailability: Int] = [:]
    private var availabilities: [AvailabilityState?] = []
    private var freePlaces: [Int] = []
    private var bytes = 0
    private var changes: [Change] = []

    // MARK: - What is asked

    var isEmpty: Bool { configs.isEmpty && topics.isEmpty }
    func describes(_ topic: ExactText) -> Bool { configs[topic] != nil }
    func knows(_ topic: ExactText) -> Bool { topics[topic] != nil }
    func owner(of key: DeviceKey) -> DiscoveredNumber? { owners[key] }

    subscript(number: DiscoveredNumber) -> Device? {
        Int(number) < devices.count ? devices[Int(number)] : nil
    }

    /// Whether a device is there; `nil` as long as that is not known.
    ///
    /// It is as long as one of its entities is available.
    func state(of number: DiscoveredNumber) -> Bool? {
        let states = self[number]?.uses.map { availabilities[$0.availability]?.state } ?? []
        return states.contains(true) ? true : states.contains(false) ? false : nil
    }

    /// The topics that tell of a device and are listened to for that alone.
    func topics(of number: DiscoveredNumber) -> [String] {
        let named = self[number]?.uses.flatMap { use in
            availabilities[use.availability]?.what.sources.map(\.exactTopic) ?? []
        }
        return Set(named ?? []).filter { topics[$0]?.isOwn == true }.map(\.text).sorted()
    }

    /// All that is listened to.
    var filters: [TopicFilter] {
        topics.filter(\.value.isOwn).map { TopicFilter($0.key.text, qos: $0.value.qos) }
            .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    /// What is to become of topics, in order.
    mutating func takeChanges() -> [Change] {
        guard !changes.isEmpty else { return [] }
        defer { changes = [] }
        return changes
    }

    // MARK: - What messages describe

    /// What has come of a message.
    struct Outcome: Sendable {
        /// Devices of which it says something new.
        var changed: [DiscoveredNumber] = []
        /// Devices that nothing describes any more.
        var gone: [DeviceKey] = []
        /// Devices whose names another one has.
        var nameless: [(device: DiscoveredNumber, key: DeviceKey)] = []
        /// Whether there is no room for all of it.
        var isFull = false
    }

    /// A message describes some devices, or none any more.
    ///
    /// - Parameters:
    ///   - described: The devices, and which device of which user each is.
    ///   - hash: What tells the payload from another one; `nil` where the topic was emptied.
    ///   - isRead: Whether a line reads a topic already.
    mutating func describe(
        _ message: ExactText,
        _ described: [(device: DiscoveredDevice, key: DeviceKey)],
        hash: Int?,
        by rule: Int,
        qos: UInt8,
        reading: ReadingID,
        isRead: (String) -> Bool
    ) -> Outcome {
        var outcome = Outcome()
        let before = configs[message]
        var uses: [Use] = []
        if hash != nil, before == nil, configs.count >= Self.mostMessages || isFull {
            outcome.isFull = true
            return outcome
        }
        for (device, key) in described {
            guard let number = number(of: device, key, message, by: rule) else {
                outcome.isFull = true
                continue
            }
            claim(key, for: number, message, &outcome)
            for what in device.availabilities {
                guard let place = place(of: what, qos: qos, reading: reading, isRead: isRead) else {
                    outcome.isFull = true
                    continue
                }
                let use = Use(device: number, availability: place)
                guard !uses.contains(use) else { continue }
                add(use)
                uses.append(use)
            }
            outcome.changed.append(number)
        }
        for use in before?.uses ?? [] { remove(use, &outcome) }
        if let hash {
            if before == nil { bytes += Self.cost(of: message.text) }
            configs[message] = Config(uses: uses, hash: hash, reading: reading)
        } else if configs.removeValue(forKey: message) != nil {
            bytes -= Self.cost(of: message.text)
        }
        outcome.changed.removeAll { self[$0] == nil }
        return outcome
    }

    /// Whether a message was taken as it is: to read it again brings nothing.
    ///
    /// Of a device whose name another one has it may bring the name.
    func has(_ message: ExactText, hash: Int) -> Bool {
        guard let config = configs[message], config.hash == hash else { return false }
        return config.uses.allSatisfy { self[$0.device]?.key != nil }
    }

    /// A message was found again and has nothing new, or nothing that can be taken.
    mutating func find(_ message: ExactText, reading: ReadingID) {
        guard let known = configs[message]?.reading else { return }
        configs[message]?.reading = max(known, reading)
    }

    private mutating func number(
        of device: DiscoveredDevice,
        _ key: DeviceKey,
        _ message: ExactText,
        by rule: Int
    ) -> DiscoveredNumber? {
        if let number = numbers[device.exactID] { return number }
        guard numbers.count < Self.mostDevices, !isFull else { return nil }
        let new = Device(id: device.exactID, key: nil, namedBy: message, rule: rule)
        let number = freeDevices.popLast() ?? DiscoveredNumber(devices.count)
        if Int(number) == devices.count { devices.append(new) } else { devices[Int(number)] = new }
        numbers[device.exactID] = number
        bytes += Self.cost(of: device.id)
        return number
    }

    private var isFull: Bool { bytes >= Self.mostBytes }

    private static func cost(of text: String) -> Int { entryBytes + text.utf8.count }

    /// A device takes its name, unless another one has it: that of the message that it was called after first.
    private mutating func claim(
        _ key: DeviceKey,
        for number: DiscoveredNumber,
        _ message: ExactText,
        _ outcome: inout Outcome
    ) {
        guard let device = self[number], device.key != key,
            device.key == nil || device.namedBy == message
        else { return }
        guard owners[key] == nil else { return outcome.nameless.append((number, key)) }
        if let former = device.key {
            owners[former] = nil
            outcome.gone.append(former)
        }
        owners[key] = number
        devices[Int(number)]?.key = key
        devices[Int(number)]?.namedBy = message
    }

    /// Where an availability is kept, which may be new; `nil` where there is no room for another one.
    private mutating func place(
        of what: DiscoveredAvailability,
        qos: UInt8,
        reading: ReadingID,
        isRead: (String) -> Bool
    ) -> Int? {
        if let place = places[what] { return place }
        guard !isFull else { return nil }
        bytes += Self.entryBytes + what.textLength
        let place = freePlaces.popLast() ?? availabilities.count
        if place == availabilities.count { availabilities.append(nil) }
        places[what] = place
        let states = what.sources.map { source in
            let topic = source.exactTopic
            if topics[topic] == nil {
                topics[topic] = Topic(isOwn: !isRead(source.topic), qos: qos, reading: reading)
                bytes += Self.cost(of: source.topic)
            }
            topics[topic]?.availabilities.insertSorted(place)
            return begin(source)
        }
        availabilities[place] = AvailabilityState(what, states: states)
        return place
    }

    /// What was heard last of a source; where nothing was, what is retained is asked for.
    private mutating func begin(_ source: DiscoveredSource) -> Bool? {
        guard let topic = topics[source.exactTopic] else { return nil }
        if let word = topic.word(for: source) { return word }
        guard topic.readings.count < Self.mostReadings else { return nil }
        topics[source.exactTopic]?.readings.append((source, nil))
        let filter = TopicFilter(source.topic, qos: topic.qos)
        changes.append(topic.isOwn ? .listens(filter) : .asks(source.topic))
        return nil
    }

    private mutating func add(_ use: Use) {
        let number = Int(use.device)
        let uses = devices[number]?.uses ?? []
        if let index = uses.firstIndex(where: { $0.availability == use.availability }) {
            devices[number]?.uses[index].count += 1
        } else {
            devices[number]?.uses.append((use.availability, 1))
            availabilities[use.availability]?.devices.insertSorted(use.device)
        }
    }

    private mutating func remove(_ use: Use, _ outcome: inout Outcome) {
        let number = Int(use.device)
        guard let device = devices[number],
            let index = device.uses.firstIndex(where: { $0.availability == use.availability })
        else { return }
        guard device.uses[index].count == 1 else {
            devices[number]?.uses[index].count -= 1
            return
        }
        devices[number]?.uses.remove(at: index)
        availabilities[use.availability]?.devices.removeSorted(use.device)
        if availabilities[use.availability]?.devices.isEmpty == true { free(use.availability) }
        guard device.uses.count == 1 else { return outcome.changed.append(use.device) }
        // That was all that described it.
        devices[number] = nil
        numbers[device.id] = nil
        freeDevices.append(use.device)
        bytes -= Self.cost(of: device.id.text)
        if let key = device.key {
            owners[key] = nil
            outcome.gone.append(key)
        }
    }

    private mutating func free(_ place: Int) {
        guard let what = availabilities[place]?.what else { return }
        availabilities[place] = nil
        places[what] = nil
        freePlaces.append(place)
        bytes -= Self.entryBytes + what.textLength
        for source in what.sources {
            let topic = source.exactTopic
            topics[topic]?.availabilities.removeSorted(place)
            guard let entry = topics[topic], entry.availabilities.isEmpty else { continue }
            topics[topic] = nil
            bytes -= Self.cost(of: source.topic)
            if entry.isOwn { changes.append(.stops(source.topic)) }
        }
    }

    // MARK: - What topics say

    /// What a message on a topic that was described means.
    struct Heard: Sendable {
        /// The devices that it is about, sorted.
        var devices: [DiscoveredNumber] = []
        /// What it says: that they are available, that they are not, or both where several read it differently.
        var words: Set<Bool> = []
        /// Whether it says something else than before.
        var isNews = false
        /// Whether it is none of the words that are known.
        var isUnknown: Bool { words.isEmpty }
    }

    /// Takes a message on a topic that was described; an empty one says that nothing is known.
    mutating func hear(
        _ topic: ExactText,
        _ payload: Payload,
        isFound: Bool,
        reading: ReadingID
    ) -> Heard {
        var heard = Heard()
        guard let entry = topics[topic] else { return heard }
        if isFound {
            topics[topic]?.reading = max(entry.reading, reading)
            topics[topic]?.isRetained = !payload.bytes.isEmpty
        }
        // All devices of a gateway read its topic in the same way.
        let said = entry.readings.map { payload.bytes.isEmpty ? nil : $0.source.read(payload) }
        // What is none of the words changes nothing.
        for (index, word) in said.enumerated() where word != nil || payload.bytes.isEmpty {
            if entry.readings[index].word != word { heard.isNews = true }
            topics[topic]?.readings[index].word = word
        }
        heard.words = Set(said.compactMap(\.self))
        for place in entry.availabilities {
            let sources = availabilities[place]?.what.sources ?? []
            guard let index = sources.firstIndex(where: { $0.exactTopic == topic }) else {
                continue
            }
            let known = entry.readings.firstIndex { $0.source.reads(like: sources[index]) }
            if known == nil { heard.isNews = true }
            let word = known.map { said[$0] } ?? sources[index].read(payload)
            guard word != nil || payload.bytes.isEmpty else { continue }
            if let word { heard.words.insert(word) }
            availabilities[place]?.hear(word, at: index, isFound: isFound)
            heard.devices += availabilities[place]?.devices ?? []
        }
        if entry.availabilities.count > 1 { heard.devices = Set(heard.devices).sorted() }
        return heard
    }

    // MARK: - Readings

    /// What a reading of everything should have found and has not.
    func missing(in reading: ReadingID) -> [String] {
        let messages = configs.filter { !$0.value.uses.isEmpty && $0.value.reading < reading }
            .map(\.key.text)
        let words = topics.filter {
            $0.value.isOwn && $0.value.isRetained && $0.value.reading < reading
        }
        return (messages + words.map(\.key.text)).sorted()
    }

    /// Whether a reading, in which something was asked for alone, has not found it though it was there once.
    func lacks(_ topic: ExactText, in reading: ReadingID) -> Bool {
        if let config = configs[topic] { return config.reading < reading }
        guard let entry = topics[topic] else { return false }
        return entry.isRetained && entry.reading < reading
    }
}
