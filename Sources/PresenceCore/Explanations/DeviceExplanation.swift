import Presence

/// What is known of one device, for whoever asks why its user is as it is.
struct DeviceExplanation: Sendable {
    /// Why it is not sure that a device is there.
    enum Doubt: String, Hashable, Sendable {
        /// The will of another connection came, which may be a newer one.
        case contradicted
        /// It was asked to announce itself, and counts as lost unless it does.
        case asked
        /// It has not spoken since a restart of the broker.
        case restart
    }

    /// Who speaks for an adopted one.
    struct Adopted: Hashable, Sendable {
        /// The topic that its word is retained on; empty where that is not known.
        var topic: String
        var gateway: String?
        /// Whether that is there, as far as it is known.
        var isGatewayThere: Bool?
    }

    var name: Name
    /// The word with which it counts as online, while it does.
    var shown: StatusWord?
    /// What it said last, or what the bridge declared since.
    var said: StatusWord
    /// Why the bridge declared that, if it did.
    var verdict: Cause?
    /// The second at which it spoke last; 0 for never.
    var heard: Int64
    var session: String?
    var ttl: Int64?
    /// When its promise is broken, in milliseconds of uptime.
    var ttlEnds: Int64?
    var departure: Departure?
    var doubt: Doubt?
    /// When it counts as lost for that, in milliseconds of uptime.
    var doubtEnds: Int64?
    /// Whether a later statement of it waits for the user's rate.
    var isDeferred = false
    var adopted: Adopted?

    func write(to json: inout JSONWriter, at now: Instant) {
        json.beginObject()
        json.member("device", name.text)
        json.text("shows", shown?.text)
        json.text("says", heard > 0 ? said.text : nil)
        json.text("verdict", verdict?.rawValue)
        json.whole("heard", heard > 0 ? heard : nil)
        json.text("session", session)
        json.whole("ttl", ttl)
        json.whole("ttlEnds", ttlEnds.map(now.second(of:)))
        json.key("grace")
        if let departure {
            json.beginObject()
            json.member("cause", departure.cause.rawValue)
            json.member("came", departure.came)
            json.member("ends", now.second(of: departure.ends))
            json.endObject()
        } else {
            json.null()
        }
        json.key("doubt")
        if let doubt {
            json.beginObject()
            json.member("reason", doubt.rawValue)
            json.whole("ends", doubtEnds.map(now.second(of:)))
            json.endObject()
        } else {
            json.null()
        }
        json.member("deferred", isDeferred)
        json.key("adopted")
        if let adopted {
            json.beginObject()
            json.member("topic", adopted.topic)
            json.text("gateway", adopted.gateway)
            json.key("gatewayOnline")
            if let isThere = adopted.isGatewayThere { json.bool(isThere) } else { json.null() }
            json.endObject()
        } else {
            json.null()
        }
        json.endObject()
    }
}

extension Instant {
    /// The Unix second at which, or right after which, a time of uptime in milliseconds comes.
    fileprivate func second(of uptime: Int64) -> Int64 {
        (unix + (uptime - self.uptime) + 999) / 1_000
    }
}

extension JSONWriter {
    /// A key and its text or `null`.
    fileprivate mutating func text(_ key: StaticString, _ text: String?) {
        self.key(key)
        if let text { string(text) } else { null() }
    }

    /// A key and its whole number or `null`.
    mutating func whole(_ key: StaticString, _ value: Int64?) {
        self.key(key)
        if let value { integer(value) } else { null() }
    }
}
