import Presence

/// What the messages of one form of topic mean, and which device they are about: a topic of a kind with
/// everything that a line says filled in.
struct AdoptionRule: Sendable {
    let line: Int
    let kind: String
    let pattern: TopicPattern
    let reading: KindTopic.Reading
    let isThing: Bool
    var isGateway: Bool
    let isMain: Bool
    let isRetained: Bool
    let readsEmpty: Bool
    let startsAnew: Bool
    let user: NamePattern
    let device: NamePattern
    /// What a gateway is known by; its topic, if `nil`.
    let key: NamePattern?
    let source: NamePattern?
    /// The key of a gateway that a message names, with `{}` for the name.
    let sourceByName: String?
    /// For how long a word or a sign of life holds, in milliseconds.
    let ttl: Int64?
    let qos: UInt8
    /// Where the gateway is asked for its birth, if the line allows that.
    var command: NamePattern?
    /// Whether it says that a thing is not well.
    var isError = false
    /// Whether the messages describe things.
    var describes = false

    /// Whether a user's device may be one of those that it makes.
    func mayBe(_ user: Name, _ device: Name) -> Bool {
        self.device.mayBe(device, longest: Name.longestDevice)
            && self.user.mayBe(user, longest: Name.longestUser)
    }

    /// What a payload says.
    func read(_ payload: Payload) -> Saying {
        if payload.bytes.isEmpty, !readsEmpty { return .removed }
        return switch reading {
        case .words(let words):
            payload.bytes.count <= Payload.longest ? words.read(payload) : .unknown
        case .code(let code): code(payload)
        }
    }
}
