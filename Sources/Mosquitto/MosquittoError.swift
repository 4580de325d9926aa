import CMosquitto

/// Why something could not be asked of a connection.
///
/// What goes wrong on the network is not among these: it arrives as an event.
public enum MosquittoError: Error, Hashable, Sendable {
    /// An option is out of its range, or a combination is impossible.
    case invalidOption(String)
    /// The topic name cannot be published to, or the filter not subscribed to.
    case invalidTopic(String, why: String)
    /// A property cannot be sent.
    case invalidProperty(String)
    /// There is no connection that the broker has accepted.
    case notConnected
    /// The packet is larger than the broker takes, or larger than MQTT allows.
    case messageTooLarge(bytes: Int)
    /// So many publishes are unacknowledged that no packet identifier is free.
    case tooManyUnacknowledged
    /// The broker said at connecting that it does not take this.
    case notSupported(String)
    /// The file of a certificate or key cannot be read.
    case tls(String)
    /// Anything else, in the library's words.
    case other(code: Int32, words: String)

    /// Translates a code of the library.
    ///
    /// `about` says what was attempted.
    init(code: Int32, about: String) {
        switch code {
        case Int32(MOSQ_ERR_NO_CONN.rawValue): self = .notConnected
        case Int32(MOSQ_ERR_QOS_NOT_SUPPORTED.rawValue):
            self = .notSupported("the broker does not take this quality of service: \(about)")
        case Int32(MOSQ_ERR_RETAIN_NOT_SUPPORTED.rawValue):
            self = .notSupported("the broker keeps no retained messages: \(about)")
        default:
            let words = unsafe String(cString: mosquitto_strerror(code)).trimmingFullStop
            self = .other(code: code, words: "\(about): \(words)")
        }
    }
}

extension MosquittoError: CustomStringConvertible {
    /// What was wrong, and what is right.
    public var description: String {
        switch self {
        case .invalidOption(let words), .invalidProperty(let words), .notSupported(let words),
            .other(_, let words):
            words
        case .invalidTopic(let topic, let why): "\(String(reflecting: topic)): \(why)"
        case .notConnected: "there is no connection to the broker"
        case .messageTooLarge(let bytes):
            "a message of \(bytes) bytes is larger than the broker takes"
        case .tooManyUnacknowledged:
            "all packet identifiers are in use: the broker has not acknowledged 65,535 publishes"
        case .tls(let words): "TLS cannot be set up: \(words)"
        }
    }
}
