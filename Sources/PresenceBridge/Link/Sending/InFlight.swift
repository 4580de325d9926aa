import Mosquitto

/// The publishes that the library has and that are not done: of QoS 1 not acknowledged, of QoS 0 not
/// written yet.
///
/// Time is counted in ticks of a second in which this process runs: one that was stopped for an hour
/// has waited for nothing.
struct InFlight {
    private struct Publish {
        let message: Message
        let tick: Int
        /// When the broker was found to have dropped messages, in ticks.
        var suspected: Int?
    }

    /// How many ticks it has left once the broker is known to have dropped messages.
    static let mercy = 2

    /// How many ticks after a publish the broker may still talk of other things, before its
    /// acknowledgement is held to be lost.
    static let patience = 10

    private var publishes: [Int32: Publish] = [:]
    /// How many are ordered, and have no packet identifier yet.
    private var ordered = 0
    private var now = 0
    private var heard = 0

    var count: Int { publishes.count + ordered }

    /// Whether the broker has talked long after it was sent something, without acknowledging that.
    ///
    /// One that is silent has not lost anything yet: the keep-alive is for that.
    var hasLost: Bool {
        publishes.values.contains { publish in
            guard publish.message.qos > 0 else { return false }
            return heard - publish.tick >= Self.patience
                || publish.suspected.map { heard - $0 >= Self.mercy } ?? false
        }
    }

    /// The bytes of the longest payload, of those that are acknowledged; 0 for none.
    var longestPayload: Int {
        publishes.values.lazy.filter { $0.message.qos > 0 }.map(\.message.payload.count).max() ?? 0
    }

    mutating func order() { ordered += 1 }
    mutating func fail() { ordered = max(0, ordered - 1) }

    mutating func begin(_ packet: Int32, _ message: Message) {
        fail()
        publishes[packet] = Publish(message: message, tick: now)
    }

    mutating func acknowledge(_ packet: Int32) -> Message? {
        guard let publish = publishes.removeValue(forKey: packet) else { return nil }
        if publish.message.qos > 0 { heard = now }
        return publish.message
    }

    /// The broker has sent a message.
    ///
    /// What is retained may have been in the broker's queue before: when everything is read that a
    /// million users have retained, an acknowledgement waits behind it for long.
    mutating func hear(_ message: Message) {
        if !message.retain { heard = now }
    }

    /// The broker has dropped messages, and perhaps acknowledgements.
    mutating func suspect() {
        for packet in publishes.keys where publishes[packet]?.suspected == nil {
            publishes[packet]?.suspected = now
        }
    }

    mutating func tick() { now += 1 }
}
