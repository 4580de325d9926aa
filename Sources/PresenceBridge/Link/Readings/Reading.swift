import Presence
import PresenceAdoption
import PresenceCore

/// One pass over retained messages: what is subscribed to for it, and the markers behind that, of which
/// none has come yet.
struct Reading {
    /// After how long a second marker is sent, in milliseconds.
    ///
    /// Markers come in their order behind what the reading brings. If the first that comes is not the
    /// first that was sent, the broker has dropped messages.
    private static let shortest: Int64 = 500
    /// How long nothing may come before the marker is held to be lost, in milliseconds.
    private static let patience: Int64 = 10_000
    /// How long after its marker was sent a reading is held to have lost it, whatever else comes.
    ///
    /// A broker that drops messages drops markers, too.
    private static let longest: Int64 = 60_000

    let id: ReadingID
    let scope: ReadingScope
    /// The filters that were subscribed for it alone.
    let filters: [String]
    /// The topics that are subscribed to for as long as the connection lasts, and once more for it.
    let lasting: [String]
    /// When it was asked for, in milliseconds of uptime.
    private var asked: Int64
    /// How many markers were sent for it, and when the last one, in milliseconds of uptime.
    private var markers = 0
    private var marked: Int64 = 0
    /// What is retained to be found last by each SUBSCRIBE for everything or for single topics; `nil` where
    /// the broker does not keep that.
    private let last: String?
    /// How many SUBSCRIBEs of this reading ask for it and have not brought it, and how many of those that last.
    private var lackingOwn = 0
    private var lackingAdopted = 0

    /// A reading that is asked for now.
    ///
    /// - Parameters:
    ///   - isLasting: Whether a topic has a subscription of its own for as long as the connection lasts.
    ///   - last: What is retained to be found last. mosquitto writes at one go what one SUBSCRIBE
    ///   finds, filter by filter: if it had to drop something, it has dropped this.
    init(
        _ id: ReadingID,
        _ scope: ReadingScope,
        _ topics: Topics,
        last: String?,
        at uptime: Int64,
        isLasting: (String) -> Bool = { _ in false }
    ) {
        self.id = id
        self.scope = scope
        self.last = last
        asked = uptime
        let all =
            switch scope {
            case .connection, .everyDevice, .names: [String]()
            case .users(let users): users.map(topics.devices(of:))
            case .devices(let keys): keys.map { topics.device($0.user, $0.device) }
            case .adopted(let topics): topics
            case .discoveryMessages(let filter): [filter]
            }
        guard case .adopted = scope else {
            (filters, lasting) = (all, [])
            return
        }
        // A filter that is subscribed to twice is one MQTT subscription, and its end would be that of both.
        filters = all.filter { !isLasting($0) }
        lasting = all.filter(isLasting)
    }

    /// What is to be subscribed to.
    ///
    /// - Parameter adopted: What of topics that were adopted is subscribed to for as long as the connection lasts.
    mutating func takeSubscriptions(
        _ topics: Topics,
        _ own: String,
        _ adopted: [TopicFilter]
    ) -> [Subscription] {
        let adopted = Subscription.adopting(adopted, last: last)
        lackingAdopted = last.map { last in adopted.count { $0.filters.last == last } } ?? 0
        let single = ownSubscriptions
        lackingOwn = last.map { last in single.count { $0.filters.last == last } } ?? 0
        let devices = Subscription([topics.everyDevice] + [last].compactMap(\.self), .device)
        if isFull, last != nil { lackingOwn += 1 }
        switch scope {
        case .connection:
            // What the broker kept of it says what all else is worth that is found.
            return [
                Subscription([topics.bridge(own), topics.mark(own), topics.export(own)], .bridge),
                Subscription([SystemTopics.uptime, SystemTopics.dropped], .uptime),
                Subscription([topics.everyStatus], .status),
            ] + adopted + [devices]
        case .everyDevice: return adopted + [devices]
        case .names: return []
        case .users, .devices, .adopted, .discoveryMessages: return adopted + single
        }
    }

    /// What is subscribed to for it alone.
    private var ownSubscriptions: [Subscription] {
        // What a slice lacks is asked for alone, so that it need not be known whether it was cut.
        let last = if case .users = scope { String?.none } else { last }
        return filters.packets(last: last).map { Subscription($0, identifier: identifier) }
    }

    /// Whether something that was asked for last has not come.
    var isLacking: Bool { lackingOwn + lackingAdopted > 0 }

    /// Whether a SUBSCRIBE that lasts has not brought what it asks for last.
    var lacksAdopted: Bool { lackingAdopted > 0 }

    /// What a SUBSCRIBE for it asks for last has come.
    mutating func takeLast() { lackingOwn = max(0, lackingOwn - 1) }

    /// What one that lasts asks for last has come.
    mutating func takeLastOfAdopted() { lackingAdopted = max(0, lackingAdopted - 1) }

    /// The number that goes with its subscription; the lasting ones have small numbers.
    var identifier: UInt32 { id % 200_000_000 + 16 }

    /// Whether everything about devices is read.
    var isFull: Bool { scope == .everyDevice || scope == .connection }

    var isOfDiscoveryMessages: Bool { if case .discoveryMessages = scope { true } else { false } }

    /// Whether it asks for messages that describe users, and a topic is that of one.
    func asksForDiscoveryMessage(_ topic: String) -> Bool {
        guard case .discoveryMessages(let filter) = scope else { return false }
        return TopicFilter(filter).covers(TopicFilter(topic))
    }

    /// Whether it asks for topics that were adopted alone.
    var isOfAdopted: Bool { if case .adopted = scope { true } else { false } }

    /// Another marker is sent; returns its text.
    mutating func mark(at uptime: Int64) -> String {
        markers += 1
        marked = uptime
        return "\(id).\(markers)"
    }

    /// When another marker is to be sent, for the last one may be lost: soon at first.
    var nextMark: Int64 {
        marked + min(Self.shortest << Int64(min(markers - 1, 10)), Self.patience)
    }

    /// What a marker's text says: which reading it ends, and whether one before it was lost.
    static func parse(_ text: String) -> (id: ReadingID, isCut: Bool)? {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let id = ReadingID(parts[0]), let number = Int(parts[1])
        else { return nil }
        return (id, number > 1)
    }

    mutating func askAgain(at uptime: Int64) { asked = uptime }

    /// Whether nothing of it comes any more.
    ///
    /// - Parameter progressed: When something came last that may be part of it, in milliseconds of uptime.
    func hasStalled(_ progressed: Int64, at uptime: Int64) -> Bool {
        uptime - max(asked, progressed) > Self.patience
    }

    func isOverdue(_ progressed: Int64, at uptime: Int64) -> Bool {
        hasStalled(progressed, at: uptime) || uptime - asked > Self.longest
    }
}
