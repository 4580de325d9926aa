import Mosquitto
import Presence
import PresenceCore

/// What a user may do: on its own topics, which it must, and on those of others, which it must not.
///
/// Whether something comes through is seen by the bridge's own login, which reads all of it. No
/// bridge takes these topics for anything: the names of devices on them begin with a `$`, and so do
/// those of users.
struct UserTrials {
    /// A topic that is tried.
    enum Place: Hashable, CaseIterable {
        case device, request, response, event
        /// The same of another user, whose event topic is one that nobody has.
        case otherDevice, otherRequest, otherResponse, otherEvent
        /// The status of nobody, and a topic of a bridge that there is not.
        case status, bridge

        func topic(_ prefix: String, _ nonce: String, _ user: String, _ other: String) -> String {
            switch self {
            case .device: "\(prefix)/device/\(user)/\(nonce)"
            case .request: "\(prefix)/request/\(user)/\(nonce)/probe"
            case .response: "\(prefix)/response/\(user)/\(nonce)"
            case .event: "\(prefix)/event/\(user)"
            case .otherDevice: "\(prefix)/device/\(other)/\(nonce)"
            case .otherRequest: "\(prefix)/request/\(other)/\(nonce)/probe"
            case .otherResponse: "\(prefix)/response/\(other)/\(nonce)"
            case .otherEvent: "\(prefix)/event/\(nonce)"
            case .status: "\(prefix)/status/\(nonce)"
            case .bridge: "\(prefix)/bridge/\(nonce)/probe"
            }
        }

        /// Whether it is tried to write there: on the others the user's own devices listen.
        var isWritten: Bool { self != .response && self != .event }
        /// Whether it is tried to read there.
        var isRead: Bool { self != .device && self != .request && self != .bridge }
    }

    /// Where what the user published came through.
    private(set) var written: Set<Place> = []
    /// Where what the bridge published reached the user.
    private(set) var read: Set<Place> = []
    /// How many bridges' states the user was sent.
    private(set) var states = 0

    private let topics: [(place: Place, topic: String)]

    init(_ examination: Examination) {
        let nonce = "$doctor-\(examination.nonce)"
        let (user, other) = (examination.options.user, examination.options.other)
        topics = Place.allCases.map { place in
            let prefix = examination.topics.prefix
            return (place, place.topic(prefix, nonce, user ?? "$doctor", other ?? "$doctor"))
        }
        guard let bridge = examination.connection, let user = examination.userConnection else {
            return
        }
        write(
            from: user,
            to: bridge,
            end: "\(examination.topics.prefix)/device/$doctor/\(nonce)-end"
        )
        read(from: bridge, to: user, examination.topics)
    }

    private mutating func write(
        from user: ProbeConnection,
        to bridge: ProbeConnection,
        end: String
    ) {
        let payload = ProbeConnection.payload
        let tried = topics.filter(\.place.isWritten)
        _ = bridge.subscribe(tried.map(\.topic) + [end])
        _ = user.publish(tried.map { Message(topic: $0.topic, payload: payload) })
        // What has come through comes before what is published now.
        _ = bridge.publish(Message(topic: end, payload: payload))
        _ = bridge.heard([end], payload)
        let heard = bridge.heard(tried.map(\.topic), payload, within: 0)
        written = Set(tried.filter { heard.contains($0.topic) }.map(\.place))
    }

    private mutating func read(
        from bridge: ProbeConnection,
        to user: ProbeConnection,
        _ all: Topics
    ) {
        // Watchers take an empty list of events for none at all.
        let payload = Array("[]".utf8)
        let tried = topics.filter(\.place.isRead)
        // One by one: a broker may refuse a packet with a filter that it does not like.
        for filter in tried.map(\.topic) + [all.everyBridge] { _ = user.subscribe([filter]) }
        _ = bridge.publish(tried.map { Message(topic: $0.topic, payload: payload) })
        let own = tried.filter { $0.place == .response || $0.place == .event }.map(\.topic)
        _ = user.heard(own, payload)
        // The others would have come with them.
        let heard = user.heard(tried.map(\.topic), payload, within: 200)
        read = Set(tried.filter { heard.contains($0.topic) }.map(\.place))
        states = user.messages.count(where: all.isBridgeState)
    }
}
