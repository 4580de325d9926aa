import Mosquitto

/// What a broker like mosquitto says of itself below `$SYS`.
struct SystemTopics {
    enum News: Equatable {
        /// How long the broker has run, in seconds.
        case uptime(Int64)
        /// More messages were dropped than before.
        case dropped
        /// Nothing that tells anything.
        case nothing
    }

    /// Where a broker like mosquitto says for how long it has run.
    static let uptime = "$SYS/broker/uptime"
    /// Where a broker like mosquitto says how many messages it has dropped.
    static let dropped = "$SYS/broker/publish/messages/dropped"
    /// The longest uptime of a broker that is believed, in seconds: over 300 years.
    private static let longestUptime: Int64 = 10_000_000_000

    /// Whether the uptime has come at this connection.
    private(set) var knowsUptime = false
    /// How many messages the broker said that it has dropped, at whichever connection.
    private var dropped: Int64?

    /// A connection begins.
    ///
    /// What was dropped as the last one ended is counted at this one.
    mutating func connect() { knowsUptime = false }

    /// Takes a message; `nil` if it is none of these.
    mutating func hear(_ message: Message) -> News? {
        if message.topic == Self.uptime {
            guard let uptime = Self.seconds(in: message.text) else { return .nothing }
            knowsUptime = true
            return .uptime(uptime)
        }
        guard message.topic == Self.dropped else { return nil }
        guard let count = Int64(message.text) else { return .nothing }
        defer { dropped = count }
        return dropped.map { count > $0 } ?? false ? .dropped : .nothing
    }

    /// How long a broker says that it has run, in seconds: `nil` if the text begins with no digit.
    ///
    /// A number that does not fit is that of a broker that has just started. mosquitto 2.1 takes the
    /// time of its start after it has loaded its file, so that the first uptime is below zero, and
    /// writes that as an unsigned number: 18446744073709551614 is two seconds before.
    private static func seconds(in text: String) -> Int64? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { return nil }
        return min(Int64(Substring(digits)) ?? 0, longestUptime)
    }

    /// Why the broker's uptime does not come, what follows, and what is to be done, in words.
    ///
    /// - Parameter refusal: What the broker has refused the subscription with; `nil` where it has granted
    ///   it and sent nothing, as mosquitto does where the right is missing.
    static func complaint(refusal: ReasonCode?) -> String {
        let line = "topic read \(uptime)"
        let cause =
            if let refusal {
                "the broker refused the subscription to \(uptime): \(refusal): if it has one, add to "
                    + "its ACL, for the bridge's user: \(line)"
            } else {
                "the broker sends no \(uptime): a mosquitto needs in its ACL, for the bridge's user, "
                    + "\(line), and a sys_interval that is not 0; other brokers have no such topic"
            }
        return
            "\(cause). Without it a restart of the broker is not noticed, and a device that does not "
            + "come back from one stays online, unless it stated a ttl; 'broker_restart never' says that "
            + "this is known, and ends this message"
    }
}
