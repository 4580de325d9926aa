import Mosquitto
import Presence
import PresenceCore

/// The readings that were ordered and whose marker has not come yet.
struct OpenReadings {
    /// One reading.
    struct Reading {
        let id: ReadingID
        let scope: ReadingScope
        /// The filters that were subscribed for it alone.
        let filters: [String]
        /// When something of it came last, in milliseconds of uptime.
        fileprivate(set) var progressed: Int64
        /// When it was asked for, in milliseconds of uptime.
        private(set) var asked: Int64
        /// How many markers were sent for it, and when the last one, in milliseconds of uptime.
        private(set) var markers = 0
        private(set) var marked: Int64 = 0

        init(_ id: ReadingID, _ scope: ReadingScope, _ topics: Topics, at uptime: Int64) {
            self.id = id
            self.scope = scope
            progressed = uptime
            asked = uptime
            filters =
                switch scope {
                case .connection, .everyDevice: []
                case .users(let users): users.map(topics.devices(of:))
                case .devices(let keys): keys.map { topics.device($0.user, $0.device) }
                }
        }

        /// What is to be subscribed to for it.
        func subscriptions(_ topics: Topics, _ own: String) -> [Subscription] {
            let devices = Subscription([topics.everyDevice], .device)
            switch scope {
            case .connection:
                // What the broker kept of it says what all else is worth that is found.
                return [
                    Subscription([topics.bridge(own), topics.mark(own)], .bridge),
                    Subscription([SystemTopics.uptime, SystemTopics.dropped], .uptime),
                    Subscription([topics.everyStatus], .status), devices,
                ]
            case .everyDevice: return [devices]
            case .users, .devices:
                return filters.chunked(by: LinkBounds.filtersPerPacket).map {
                    Subscription($0, identifier: OpenReadings.identifier(of: id))
                }
            }
        }

        /// It is asked for once more, and waited for anew.
        mutating func askAgain(at uptime: Int64) { (progressed, asked) = (uptime, uptime) }

        mutating func mark(at uptime: Int64) -> String {
            markers += 1
            marked = uptime
            return "\(id).\(markers)"
        }

        /// When another marker is to be sent, for the last one may be lost: soon at first.
        var nextMark: Int64 {
            marked
                + min(OpenReadings.shortest << Int64(min(markers - 1, 10)), OpenReadings.patience)
        }

        var isFull: Bool { scope == .everyDevice || scope == .connection }

        func hasStalled(at uptime: Int64) -> Bool { uptime - progressed > OpenReadings.patience }
    }

    /// After how long a second marker is sent, in milliseconds.
    ///
    /// Markers come in their order behind what the reading brings. If the first that comes is not the
    /// first that was sent, the broker has dropped messages.
    static let shortest: Int64 = 500

    /// How long nothing may come before the marker is held to be lost, in milliseconds.
    static let patience: Int64 = 10_000

    /// How long after its marker was sent a reading is held to have lost it, whatever else comes.
    ///
    /// A broker that drops messages drops markers, too.
    static let longest: Int64 = 60_000

    private var readings: [ReadingID: Reading] = [:]
    /// When something came last that may be part of any of them, in milliseconds of uptime.
    private var progressed: Int64 = 0

    /// The number that goes with a reading's subscription; the lasting ones have small numbers.
    static func identifier(of id: ReadingID) -> UInt32 { id % 200_000_000 + 16 }

    mutating func open(_ reading: Reading) { readings[reading.id] = reading }

    mutating func close(_ id: ReadingID) -> Reading? { readings.removeValue(forKey: id) }

    mutating func removeAll() { readings.removeAll() }

    var isFull: Bool { readings.values.contains(where: \.isFull) }

    func unmarked(at uptime: Int64) -> [Reading] {
        readings.values.filter { uptime >= $0.nextMark }.sorted { $0.id < $1.id }
    }

    var nextMark: Int64? { readings.values.map(\.nextMark).min() }

    /// What a marker's text says: which reading it ends, and whether one before it was lost.
    static func parse(_ text: String) -> (id: ReadingID, isCut: Bool)? {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let id = ReadingID(parts[0]), let number = Int(parts[1]) else {
            return nil
        }
        return (id, number > 1)
    }

    mutating func progress(at uptime: Int64) { progressed = uptime }

    /// Which reading has found a statement, and whether it has come by the lasting subscription, too;
    /// `nil` for one that a reading's own subscription repeats while it comes live.
    ///
    /// - Parameter hasIdentifiers: Whether the broker says by which subscription a message comes.
    func origin(
        of message: Message,
        hasIdentifiers: Bool
    ) -> (reading: ReadingID?, isLasting: Bool)? {
        guard hasIdentifiers else { return (message.retain ? newestPartial : nil, true) }
        let identifiers = message.properties.subscriptionIdentifiers
        let reading = partial(identifiedBy: identifiers)
        let lasting = Subscription.Lasting.device.rawValue
        let isLasting = identifiers.isEmpty || identifiers.contains(lasting)
        guard isLasting || (reading != nil && message.retain) else { return nil }
        return (reading, isLasting)
    }

    /// The reading of single topics that a subscription identifier belongs to.
    private func partial(identifiedBy identifiers: [UInt32]) -> ReadingID? {
        guard let identifier = identifiers.first, identifier >= 16 else { return nil }
        return readings.keys.first { Self.identifier(of: $0) == identifier }
    }

    /// Without subscription identifiers: the newest reading of single topics.
    private var newestPartial: ReadingID? {
        readings.values.filter { !$0.filters.isEmpty }.map(\.id).max()
    }

    /// Whether a reading is one of devices that a full one has not brought.
    func isOfMissing(_ id: ReadingID) -> Bool {
        if case .devices? = readings[id]?.scope { true } else { false }
    }

    var isConnecting: Bool {
        readings.values.contains { $0.scope == .connection }
    }

    func overdue(at uptime: Int64) -> Reading? {
        let seen = readings.values.map { reading in
            var reading = reading
            reading.progressed = max(reading.progressed, progressed)
            return reading
        }
        return seen.filter { reading in
            reading.hasStalled(at: uptime) || uptime - reading.asked > Self.longest
        }.min { $0.id < $1.id }
    }
}
