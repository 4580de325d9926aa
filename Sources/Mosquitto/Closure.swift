/// Why a connection is over, or was never made.
public enum Closure: Hashable, Sendable {
    /// This side disconnected.
    case byUs
    /// The broker sent a DISCONNECT, which only MQTT 5 has.
    case byServer(ReasonCode)
    /// The connection broke; the text is the operating system's.
    case lost(String)
    /// The broker did not answer a ping within the keep-alive, or not the CONNECT.
    case keepAliveTimeout
    /// The name of the host has no address.
    case hostNotFound(String)
    /// No connection could be made: nobody listens there, or no way leads there.
    case unreachable(String)
    /// The encryption could not be agreed on, or the certificate is not trusted.
    case tls(String)
    /// The broker sent what is not MQTT.
    case protocolViolation(String)
}

extension Closure: CustomStringConvertible {
    /// The cause in words.
    public var description: String {
        switch self {
        case .byUs: "disconnected"
        case .byServer(let reason): "the broker disconnected the client: \(reason)"
        case .lost(let words): "the connection was lost: \(words)"
        case .keepAliveTimeout: "the broker did not answer within the keep-alive"
        case .hostNotFound(let words): "the host was not found: \(words)"
        case .unreachable(let words): "the broker cannot be reached: \(words)"
        case .tls(let words): "TLS failed: \(words)"
        case .protocolViolation(let words): "the broker violated the protocol: \(words)"
        }
    }
}
