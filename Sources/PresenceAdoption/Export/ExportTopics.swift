import Presence

/// Where users are described to Home Assistant, and how (2026.11.0, `components/mqtt`: `discovery.py`, `schemas.py`,
/// `binary_sensor.py` and `sensor.py`, read in its sources; 2025.4.4, its schemas run).
///
/// Each user is a device with one retained message, `PREFIX/device/SERVICE/USER/config`, which Home Assistant takes from
/// 2024.11 on. The service is the prefix of the protocol's topics, so that whichever bridge serves it writes the same
/// topics. Home Assistant takes letters, digits, `_` and `-` in those levels: any other byte, and `_` itself, is `_` and
/// two hexadecimal digits.
public struct ExportTopics: Hashable, Sendable {
    private let topics: Topics
    private let bridgeID: String
    private let head: String

    /// The messages of a service below a prefix of Home Assistant's.
    public init(prefix: String, _ topics: Topics, bridgeID: String) {
        self.topics = topics
        self.bridgeID = bridgeID
        head = "\(prefix)/device/\(Self.level(topics.prefix))/"
    }

    /// The filter for the messages of all users.
    public var every: String { "\(head)+/config" }

    /// Where a user is described.
    public func config(of user: Name) -> String { "\(head)\(Self.level(user.text))/config" }

    /// Who is described on a topic; `nil` if it is none of these.
    public func user(of topic: String) -> Name? {
        let tail = "/config"
        guard topic.utf8.starts(with: head.utf8), topic.hasSuffix(tail) else { return nil }
        let level = topic.utf8.dropFirst(head.utf8.count).dropLast(tail.utf8.count)
        guard !level.contains(UInt8(ascii: "/")) else { return nil }
        let user = Self.text(level).flatMap(Name.init(user:))
        return user.flatMap { config(of: $0).utf8.elementsEqual(topic.utf8) ? $0 : nil }
    }

    /// Whether a message is one that a bridge has written.
    public static func isOwn(_ payload: [UInt8]) -> Bool {
        guard payload.count <= DiscoveryMessage.longest,
            let object = try? JSONValue(parsing: payload).object
        else { return false }
        return object["origin"]?.object?["name"]?.string == DiscoveryMessage.origin
    }

    /// The message that describes a user.
    ///
    /// A user is available as long as the bridge is: a bridge that has gone knows nothing of anybody.
    public func payload(of user: Name) -> [UInt8] {
        let id = "\(topics.prefix)/\(user)"
        let status = topics.status(user)
        var json = JSONWriter(reserving: 1_024)
        json.beginObject()
        json.key("device")
        json.beginObject()
        json.key("identifiers")
        json.beginArray()
        json.string(id)
        json.endArray()
        json.member("name", user.text)
        json.endObject()
        json.key("origin")
        json.beginObject()
        json.member("name", DiscoveryMessage.origin)
        json.endObject()
        json.member("availability_topic", topics.bridge(bridgeID))
        json.member("availability_template", "{{ value_json.state }}")
        json.key("components")
        json.beginObject()
        json.key("online")
        json.beginObject()
        json.member("platform", "binary_sensor")
        json.member("unique_id", "\(id)/online")
        // It is what the device is about, and is called as that is.
        json.key("name")
        json.null()
        json.member("device_class", "connectivity")
        json.member("state_topic", status)
        json.member("value_template", "{{ 'ON' if value_json.online else 'OFF' }}")
        json.endObject()
        json.key("status")
        json.beginObject()
        json.member("platform", "sensor")
        json.member("unique_id", "\(id)/status")
        json.member("name", "Status")
        json.member("icon", "mdi:account")
        json.member("state_topic", status)
        json.member("value_template", "{{ value_json.status }}")
        json.member("json_attributes_topic", status)
        json.member("json_attributes_template", Self.attributes)
        json.endObject()
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// A status that was shortened lacks nothing of that, and one of a later version may have more.
    private static let attributes =
        "{{ dict(value_json.items() | selectattr(0, 'in', "
        + "['description', 'devices', 'cause', 'since', 'updated'])) | to_json }}"

    // MARK: - Levels

    private static let digits = Array("0123456789abcdef".utf8)

    private static func level(_ text: String) -> String {
        var level: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                level.append(byte)
            default:
                level += [UInt8(ascii: "_"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: level, as: UTF8.self)
    }

    private static func text(_ level: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = level[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "_") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digits.firstIndex),
                let low = rest.popFirst().flatMap(digits.firstIndex)
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
