import CMosquitto

/// Why the broker did not accept a connection: the codes of both versions of CONNACK in one list.
public enum ConnectionRefusal: Hashable, Sendable {
    /// The username or the password is wrong.
    case badCredentials
    /// The client may not connect. mosquitto says this of a wrong password, too.
    case notAuthorized
    /// The broker does not speak this version of MQTT.
    case unsupportedProtocolVersion
    /// The broker does not like the client identifier.
    case identifierRejected
    /// The broker is there, and not ready.
    case serverUnavailable
    /// The broker has too much to do.
    case serverBusy
    /// The client was banned by an operator.
    case banned
    /// Anything else.
    case other(code: UInt8, words: String)

    /// What a code of CONNACK means; 1 to 5 are those of MQTT 3.1.1.
    init(code: Int32) {
        switch code {
        case 0x01, 0x84: self = .unsupportedProtocolVersion
        case 0x02, 0x85: self = .identifierRejected
        case 0x03, 0x88: self = .serverUnavailable
        case 0x04, 0x86: self = .badCredentials
        case 0x05, 0x87: self = .notAuthorized
        case 0x89: self = .serverBusy
        case 0x8A: self = .banned
        default:
            let code = UInt8(truncatingIfNeeded: code)
            self = .other(code: code, words: ReasonCode(rawValue: code).description)
        }
    }
}

extension ConnectionRefusal: CustomStringConvertible {
    /// The cause in words.
    public var description: String {
        switch self {
        case .badCredentials: "the broker refused the username or the password"
        case .notAuthorized:
            "the broker did not authorize the client: wrong username or password, or no right to connect"
        case .unsupportedProtocolVersion: "the broker does not speak this version of MQTT"
        case .identifierRejected: "the broker rejected the client identifier"
        case .serverUnavailable: "the broker is not available"
        case .serverBusy: "the broker is busy"
        case .banned: "the client is banned"
        case .other(_, let words): "the broker refused the connection: \(words)"
        }
    }
}
