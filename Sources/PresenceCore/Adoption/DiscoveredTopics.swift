import Presence
import PresenceAdoption

/// The topics that tell whether described devices are there: what each said last, and whose it is.
///
/// Many entities of one device name the same topics, and all devices of a gateway name the gateway's. So what
/// tells that an entity is available is kept once, with what was heard, however many name it.
struct DiscoveredTopics: Sendable {
    /// One of the ways in which a topic is read.
    private struct Way: Sendable {
        let source: DiscoveredSource
        /// What was heard last.
        var word: Bool?
        /// How many availabilities read it so.
        var count = 1
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
        /// Whether something was found on it by an earlier process, perhaps.
        var isExpected = false
        var ways: [Way] = []

        func way(of source: DiscoveredSource) -> Int? {
            ways.firstIndex { $0.source.reads(like: source) }
        }

        func isMissing(in id: ReadingID) -> Bool { (isRetained || isExpected) && reading < id }
    }

    /// What is to become of a topic.
    enum Change: Equatable, Sendable {
        case listens(TopicFilter)
        /// What is retained is to be read once, since a line of its own listens.
        case asks(String)
        case stops(String)
    }

    /// About what an entry of a table takes beside its texts, in bytes.
    static let entryBytes = 200

    private let bounds: AdoptionBounds
    private var topics: [ExactText: Topic] = [:]
    private var places: [DiscoveredAvailability: Int] = [:]
    private var availabilities: [AvailabilityState?] = []
    private var freePlaces: [Int] = []
    private(set) var bytes = 0
    private var changes: [Change] = []

    init(_ bounds: AdoptionBounds) { self.bounds = bounds }

    // MARK: - What is asked

    var isEmpty: Bool { topics.isEmpty }
    func knows(_ topic: ExactText) -> Bool { topics[topic] != nil }

    /// Whether an entity is available that goes by this; `nil` as long as that is not known.
    func state(of place: Int) -> Bool? { availabilities[place]?.state }

    /// Whether none of the topics of an availability has said anything.
    func isSilent(_ place: Int) -> Bool {
        availabilities[place]?.states.allSatisfy { $0 == nil } ?? true
    }

    /// The topics of an availability that are listened to for that alone.
    func topics(of place: Int) -> [ExactText] {
        let all = availabilities[place]?.what.sources.map(\.exactTopic) ?? []
        return all.filter { topics[$0]?.isOwn == true }
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

    // MARK: - Who goes by what

    /// What has come of an availability that is to be kept.
    enum Keeping: Sendable {
        case at(Int)
        /// There is no room for another one.
        case full
        /// Its topic is read in too many different ways.
        case tooManyWays(String)
    }

    /// Keeps what tells that an entity is available; what is kept already is found.
    ///
    /// - Parameter isRead: Whether a line reads a topic already.
    mutating func keep(
        _ what: DiscoveredAvailability,
        qos: UInt8,
        reading: ReadingID,
        hasRoom: Bool,
        isRead: (String) -> Bool
    ) -> Keeping {
        if let place = places[what] { return .at(place) }
        guard hasRoom else { return .full }
        for source in what.sources {
            guard let topic = topics[source.exactTopic], topic.ways.count >= bounds.ways else {
                continue
            }
            if topic.way(of: source) == nil { return .tooManyWays(source.topic) }
        }
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
        return .at(place)
    }

    static func cost(of text: String) -> Int { entryBytes + text.utf8.count }

    /// What was heard last of a source; where it was not read so before, what is retained is asked for.
    private mutating func begin(_ source: DiscoveredSource) -> Bool? {
        guard let topic = topics[source.exactTopic] else { return nil }
        if let way = topic.way(of: source) {
            topics[source.exactTopic]?.ways[way].count += 1
            return topic.ways[way].word
        }
        topics[source.exactTopic]?.ways.append(Way(source: source))
        let filter = TopicFilter(source.topic, qos: topic.qos)
        changes.append(topic.isOwn ? .listens(filter) : .asks(source.topic))
        return nil
    }

    /// A device goes by an availability.
    mutating func add(_ device: DiscoveredNumber, to place: Int) {
        availabilities[place]?.devices.insertSorted(device)
    }

    /// A device does not go by it any more; what nobody goes by is forgotten.
    mutating func remove(_ device: DiscoveredNumber, from place: Int) {
        availabilities[place]?.devices.removeSorted(device)
        guard let state = availabilities[place], state.devices.isEmpty else { return }
        availabilities[place] = nil
        places[state.what] = nil
        freePlaces.append(place)
        bytes -= Self.entryBytes + state.what.textLength
        for source in state.what.sources { leave(source, place) }
    }

    private mutating func leave(_ source: DiscoveredSource, _ place: Int) {
        let topic = source.exactTopic
        topics[topic]?.availabilities.removeSorted(place)
        guard let entry = topics[topic] else { return }
        guard !entry.availabilities.isEmpty else {
            topics[topic] = nil
            bytes -= Self.cost(of: source.topic)
            if entry.isOwn { changes.append(.stops(source.topic)) }
            return
        }
        guard let way = entry.way(of: source) else { return }
        if entry.ways[way].count > 1 {
            topics[topic]?.ways[way].count -= 1
        } else {
            topics[topic]?.ways.remove(at: way)
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
            if !entry.isRetained, !payload.bytes.isEmpty { heard.isNews = true }
            topics[topic]?.reading = max(entry.reading, reading)
            topics[topic]?.isRetained = !payload.bytes.isEmpty
            topics[topic]?.isExpected = false
        }
        // All devices of a gateway read its topic in the same way.
        let said = entry.ways.map { payload.bytes.isEmpty ? nil : $0.source.read(payload) }
        // What is none of the words changes nothing.
        for (way, word) in said.enumerated() where word != nil || payload.bytes.isEmpty {
            if entry.ways[way].word != word { heard.isNews = true }
            topics[topic]?.ways[way].word = word
        }
        heard.words = Set(said.compactMap(\.self))
        for place in entry.availabilities {
            let sources = availabilities[place]?.what.sources ?? []
            guard let index = sources.firstIndex(where: { $0.exactTopic == topic }),
                let way = entry.way(of: sources[index]),
                said[way] != nil || payload.bytes.isEmpty
            else { continue }
            availabilities[place]?.hear(said[way], at: index, isFound: isFound)
            heard.devices += availabilities[place]?.devices ?? []
        }
        if entry.availabilities.count > 1 { heard.devices = Set(heard.devices).sorted() }
        return heard
    }

    // MARK: - Readings

    /// An earlier process has found something on one of the topics of an availability: they are asked for alone
    /// where a reading of everything brings nothing.
    mutating func expect(_ place: Int) {
        for topic in topics(of: place) where topics[topic]?.isRetained == false {
            topics[topic]?.isExpected = true
            topics[topic]?.reading = 0
        }
    }

    /// What a reading of everything should have found and has not.
    func missing(in reading: ReadingID) -> [String] {
        topics.filter { $0.value.isOwn && $0.value.isMissing(in: reading) }.map(\.key.text)
    }

    /// What it means that a reading, in which a topic was asked for alone, has not found it.
    enum Lack: Sendable {
        /// It was not there before, either.
        case nothing
        /// It was emptied.
        case emptied
        /// Nothing is there, though an earlier process may have found something: these devices go by it.
        case absent([DiscoveredNumber])
    }

    /// Takes in that a topic was asked for alone and not found.
    mutating func lack(_ topic: ExactText, in reading: ReadingID) -> Lack {
        guard let entry = topics[topic], entry.isMissing(in: reading) else { return .nothing }
        guard !entry.isRetained else { return .emptied }
        topics[topic]?.isExpected = false
        let devices = entry.availabilities.flatMap { availabilities[$0]?.devices ?? [] }
        return .absent(Set(devices).sorted())
    }
}
