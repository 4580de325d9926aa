import Presence

/// What a client learns without asking.
public enum Update: Hashable, Sendable {
    /// A user whom this one is subscribed to: its newest status.
    ///
    /// Each status comes once, whichever way it was learned, by an event or by catching up; the
    /// present one comes again when the user is subscribed to again.
    case status(UserStatus)
    /// The subscription to a user has ended, or, with `nil`, the one to everyone.
    case subscriptionEnded(username: Name?, End)
    /// Everything that changed while the client, the broker or the bridge was away has been told.
    case caughtUp
    /// The bridge is there, or has gone: then statuses may be stale until it is back.
    case bridge(BridgeState?)
    /// So many bridges, by their ids, say that they are online below one prefix, which should have
    /// one; everything is then told and answered several times. Empty when it is one again.
    case severalBridges([Name])
    /// Events do not arrive on this topic: asking has brought what no event did. The user probably
    /// lacks the right to read it, which many brokers do not say. Until events come, the client asks
    /// every ten seconds. `nil` when they arrive again.
    case missingEvents(topic: String?)
    /// The client is connected to the broker, or why it is not; it tries again by itself.
    case connection(Link)
    /// The bridge refused what the device said of itself, as when the user has too many devices.
    case deviceRefused(PresenceError)
    /// Another client states this device, too, and others see its word, or, with `nil`, that it logged
    /// out. Two clients of one user need two names.
    ///
    /// The newer word holds. When the other one has gone, this client states its own again.
    case deviceReplaced(StatusWord?)
    /// The reader was so slow that the newest statuses of so many users were thrown away.
    case missed(Int)

    /// Why a subscription ended.
    public enum End: Hashable, Sendable {
        /// Its time ran out.
        case expired
        /// One that lasts longer took its place.
        case evicted
        /// The user ended it, here or on another device.
        case unsubscribed
    }

    /// How the client stands with the broker.
    public enum Link: Hashable, Sendable {
        /// It is connected, and its device is known.
        case up
        /// It is not, for the reason in words.
        case down(String)
        /// It will not be any more: it was closed, or, with a reason in words, had to give up.
        case over(String?)
    }

    /// What an update is about: of two that wait and have one subject, the newer is enough.
    enum Subject: Hashable {
        case status(Name)
        case subscription(Name?)
        case caughtUp, bridge, severalBridges, events, connection, device, replacement, missed
    }

    var subject: Subject {
        switch self {
        case .status(let status): .status(status.username)
        case .subscriptionEnded(let username, _): .subscription(username)
        case .caughtUp: .caughtUp
        case .bridge: .bridge
        case .severalBridges: .severalBridges
        case .missingEvents: .events
        case .connection: .connection
        case .deviceRefused: .device
        case .deviceReplaced: .replacement
        case .missed: .missed
        }
    }
}
