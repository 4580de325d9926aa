import Presence

/// A thing that was adopted, as the oracle and the checkers know it.
package struct AdoptedThing: Hashable, Sendable {
    /// The user and the device that it is.
    package var user: String
    package var device: String
    /// Where its words are.
    package var topic: String
    /// The topic of the gateway whose connection is its own, too.
    package var gateway: String?
    /// Whether its births are retained.
    package var isRetained = true
    /// For how long a word or a sign of life holds, in milliseconds.
    package var ttl: Int64?
    /// Where its signs of life are, and where it says until when it sleeps.
    package var signs: String?
    package var sleeps: String?

    package init(user: String, device: String, topic: String) {
        self.user = user
        self.device = device
        self.topic = topic
    }

    /// The same with a change.
    func with(_ change: (inout Self) -> Void) -> Self {
        var thing = self
        change(&thing)
        return thing
    }
}

/// What an adopted program says, read in the most naive way.
package enum AdoptedSaying: Hashable, Sendable {
    /// It is there, with a word.
    case on(String)
    /// It has vanished.
    case lost
    /// It has gone in order.
    case ended
    /// Its topic is emptied.
    case removed
    /// Until which Unix second it sleeps.
    case sleeps(Int64)
    /// A sign of life.
    case alive
    case garbage

    static let online: [String] = [
        "Online", "online", "ready", "init", #"{"state":"online"}"#,
        #"{"online": true, "bridge": {"name": "x"}}"#,
    ]
    static let gone: [String] = [
        "Offline", "offline", "lost", #"{"state":"offline"}"#,
        #"{"online": false, "bridge": null}"#,
    ]

    /// Reads a payload of a topic with words.
    package init(_ payload: [UInt8]) {
        let text = String(decoding: payload, as: UTF8.self)
        switch text {
        case "": self = .removed
        case "alert", "sleeping": self = .on(text)
        case "disconnected": self = .ended
        case _ where Self.online.contains(text): self = .on("online")
        case _ where Self.gone.contains(text): self = .lost
        default:
            let value = try? JSONValue(parsing: payload)
            let wakes = value?.object?["DeepSleep"]?.object?["Wakeup"]?.integer
            self = wakes.map { .sleeps($0) } ?? .garbage
        }
    }

    /// Whether a thing is gone with that.
    var isGone: Bool { self == .lost || self == .ended || self == .removed }
}

/// What was published on a topic that was adopted.
package struct AdoptedSeen: Hashable, Sendable {
    /// The thing whose topic it is; gateways are things, too.
    package var thing: AdoptedThing
    package var saying: AdoptedSaying
    package var isRetained: Bool
    /// By the program, or by its will.
    package var speaker: Entry.Speaker

    package init(
        _ thing: AdoptedThing,
        _ saying: AdoptedSaying,
        isRetained: Bool = true,
        by speaker: Entry.Speaker = .device
    ) {
        self.thing = thing
        self.saying = saying
        self.isRetained = isRetained
        self.speaker = speaker
    }
}
