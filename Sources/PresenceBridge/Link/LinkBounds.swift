/// The bounds of everything that waits in the link.
enum LinkBounds {
    /// How many publishes of QoS 1 and 2 may be unacknowledged, if the broker takes as many.
    static let sendMaximum = 100
    /// The most filters in one SUBSCRIBE or UNSUBSCRIBE.
    static let filtersPerPacket = 200
    /// The most bytes of the filters in one, but for a single one that is longer: topics that were learned are as
    /// long as somebody has written.
    static let bytesPerPacket = 32_768
    /// The most packets that one turn reads: it is over within some tens of milliseconds, and while
    /// the broker passes on what it decided, the next one decides.
    static let packetsPerTurn = 1_024
    /// As long as everything is read: the broker writes all of it at one go, and drops what its queue
    /// does not hold, so that reading comes before deciding.
    static let packetsPerReadingTurn = 20_000
    /// With more than this waiting to be published the broker is said not to keep up.
    static let congested = Outbound.Load(count: 20_000, bytes: 32 << 20)
    /// With less than this it is said to keep up again.
    static let relieved = Outbound.Load(count: 5_000, bytes: 8 << 20)
    /// With so many answers waiting to be published, and so many bytes of them, requests are refused.
    ///
    /// A broker takes tens of thousands of answers a second, and some tens of megabytes.
    static let answers = Outbound.Load(count: 50_000, bytes: 128 << 20)
    /// With less than this waiting, requests are carried out again.
    static let fewAnswers = Outbound.Load(count: 25_000, bytes: 64 << 20)
    /// With so many answers and refusals waiting, requests are dropped.
    static let refusals = 100_000
    /// On how many topics the echo of an empty message is awaited at most.
    static let echoes = 40_000
    /// The most other bridges, and processes of bridges, of one prefix that are known.
    static let bridges = 1_000
    /// How many different lines of one kind are logged.
    static let remarks = 100
}
