import CMosquitto

/// What became of a packet, or why a connection ended, in the codes of MQTT 5 (section 2.4).
public struct ReasonCode: RawRepresentable, Hashable, Sendable {
    /// The code as it is on the wire; 0x80 and above are failures.
    public let rawValue: UInt8

    /// Any code, known or not.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Done; also a normal disconnection.
    public static let success = ReasonCode(rawValue: 0x00)
    /// In a DISCONNECT of the client: the will shall be published.
    public static let disconnectWithWill = ReasonCode(rawValue: 0x04)
    /// The message was accepted, and nobody subscribes to its topic.
    public static let noMatchingSubscribers = ReasonCode(rawValue: 0x10)
    /// The receiver does not say why: the one failure of a SUBACK in MQTT 3.1.1.
    public static let unspecified = ReasonCode(rawValue: 0x80)
    /// The client may not do this.
    public static let notAuthorized = ReasonCode(rawValue: 0x87)
    /// The broker is being stopped.
    public static let serverShuttingDown = ReasonCode(rawValue: 0x8B)
    /// The broker heard nothing for one and a half keep-alives.
    public static let keepAliveTimeout = ReasonCode(rawValue: 0x8D)
    /// Another connection came with the same client identifier.
    public static let sessionTakenOver = ReasonCode(rawValue: 0x8E)
    /// The packet is larger than the receiver takes.
    public static let packetTooLarge = ReasonCode(rawValue: 0x95)

    /// Whether the code is one of failure.
    public var isFailure: Bool { rawValue >= 0x80 }
}

extension ReasonCode: CustomStringConvertible {
    /// The code in words and as it is on the wire: `Session taken over (0x8E)`.
    public var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        let words = unsafe String(cString: mosquitto_reason_string(Int32(rawValue)))
        return "\(words.trimmingFullStop) (0x\(digits.count == 1 ? "0" : "")\(digits))"
    }
}

extension String {
    /// The library ends its phrases with a full stop, which is in the way within a sentence.
    var trimmingFullStop: String {
        hasSuffix(".") ? String(dropLast()) : self
    }
}
