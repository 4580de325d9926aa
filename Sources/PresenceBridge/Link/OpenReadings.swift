import PresenceCore

/// The readings that were ordered and whose marker has not come yet.
struct OpenReadings {
    /// One reading.
    struct Reading {
        let id: ReadingID
        let scope: ReadingScope
        /// The filters that were subscribed for it alone.
        var filters: [String] = []
        /// When something of it came last, in milliseconds of uptime.
        var progressed: Int64
        /// When its marker was sent last, in milliseconds of uptime.
        var asked: Int64

        /// Whether nothing of it comes any more.
        func hasStalled(at uptime: Int64) -> Bool { uptime - progressed > OpenReadings.patience }
    }

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

    /// Something came: it may be part of any of them.
    mutating func progress(at uptime: Int64) { progressed = uptime }

    /// The reading of single topics that a subscription identifier belongs to.
    func partial(identifiedBy identifiers: [UInt32]) -> ReadingID? {
        guard let identifier = identifiers.first, identifier >= 16 else { return nil }
        return readings.keys.first { Self.identifier(of: $0) == identifier }
    }

    /// Without subscription identifiers: the newest reading of single topics.
    var newestPartial: ReadingID? {
        readings.values.filter { !$0.filters.isEmpty }.map(\.id).max()
    }

    /// Whether the reading at the connection is under way.
    var isConnecting: Bool {
        readings.values.contains { $0.scope == .connection }
    }

    /// A reading whose marker is overdue.
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
