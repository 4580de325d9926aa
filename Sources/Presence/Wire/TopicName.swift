/// What brokers take as the topic of a PUBLISH.
///
/// A broker ends the connection of whoever publishes to a topic that it does not take. So a topic
/// that somebody else has written is checked before anything is published to it.
public enum TopicName {
    /// The most bytes of UTF-8 that MQTT can carry (MQTT 5, section 1.5.4).
    public static let longest = 65_535

    /// The most levels, those of the prefix included: mosquitto takes one more, other brokers need
    /// not take as many.
    public static let mostLevels = 200

    /// Whether brokers take a topic: 1 to ``longest`` bytes, at most ``mostLevels`` levels, without a
    /// wildcard, and without the characters that MQTT 5 lets a receiver refuse (section 1.5.4):
    /// control characters and those that Unicode has set aside as none.
    public static func isPublishable(_ topic: String) -> Bool {
        guard (1...longest).contains(topic.utf8.count) else { return false }
        var levels = 1
        var isPlain = true
        for byte in topic.utf8 {
            switch byte {
            case UInt8(ascii: "/"): levels += 1
            case 0x00...0x1F, 0x7F, UInt8(ascii: "+"), UInt8(ascii: "#"): return false
            case 0x80...0xFF: isPlain = false
            default: break
            }
        }
        guard levels <= mostLevels else { return false }
        return isPlain || topic.unicodeScalars.allSatisfy(mayStand)
    }

    private static func mayStand(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0x9F, 0xFDD0...0xFDEF: false
        default: scalar.value & 0xFFFE != 0xFFFE
        }
    }
}
