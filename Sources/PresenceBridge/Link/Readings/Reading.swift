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
    /// How many SUBSCRIBEs ask for it and have not brought it.
    private(set) var lacking = 0

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
    /// - Parameter adopted: What is subscribed to of topics that were adopted.
    mutating func takeSubscriptions(
        _ topics: Topics,
        _ own: String,
        _ adopted: [Subscription]
    ) -> [Subscription] {
        let last = [last].compactMap(\.self)
        let devices = Subscription([topics.everyDevice] + last, .device)
        lacking = last.count
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
        case .users:
            // What a slice lacks is asked for alone, so that it need not be known whether it was cut.
            lacking = 0
            return filters.chunked(by: LinkBounds.filtersPerPacket).map {
                Subscription($0, identifier: identifier)
            }
        case .devices, .adopted, .discoveryMessages:
            let packets = filters.chunked(by: LinkBounds.filtersPerPacket - last.count)
            lacking = last.count * packets.count
            return packets.map { Subscription($0 + last, identifier: identifier) }
        }
    }

    /// What a SUBSCRIBE for it asks for last has come.
    mutating func takeLast() { lacking = max(0, lacking - 1) }

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
