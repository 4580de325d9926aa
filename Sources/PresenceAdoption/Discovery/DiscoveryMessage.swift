import Presence

/// What a discovery message of Home Assistant says of availability (2026.11.0, `components/mqtt`: `discovery.py`,
/// `schemas.py`, `abbreviations.py` and `entity.py`, read in its sources).
///
/// A message is of one entity, `PREFIX/COMPONENT/[NODE/]OBJECT/config`, or of a device with all of its entities,
/// `PREFIX/device/[NODE/]ID/config`.
public enum DiscoveryMessage: Hashable, Sendable {
    /// The topic was emptied: what it described is no more.
    case removed
    /// Devices, and what had to be left out of the message, in words.
    case devices([DiscoveredDevice], leftOut: [String])
    /// It cannot be taken, and why.
    case refused(String)

    /// The most bytes that are read of a message.
    public static let longest = 1_048_576
    /// The most bytes of a template, a name or a word.
    static let longestText = 1_024
    /// The most topics of one availability, and the most different availabilities of one message.
    static let mostSources = 16
    static let mostAvailabilities = 256
    /// The most entities that are read of one message, and the most lines on what is left out of it.
    static let mostEntities = 1_024
    static let mostLines = 16
    /// The name by which the bridge marks what it has written itself.
    public static let origin = "presence-bridge"

    /// Reads a message.
    ///
    /// - Parameter levels: The levels of its topic behind the prefix: three or four.
    public init(_ payload: [UInt8], levels: [Substring]) {
        guard !payload.isEmpty else {
            self = .removed
            return
        }
        guard payload.count <= Self.longest else {
            self = .refused("it has more than \(Self.longest) bytes")
            return
        }
        guard levels.dropFirst().dropLast().allSatisfy(\.isObjectID) else {
            self = .refused("its topic is none that Home Assistant takes")
            return
        }
        do throws(JSONError) {
            guard case .object(let object) = try JSONValue(parsing: payload) else {
                self = .refused("it is no JSON object")
                return
            }
            self = Self.read(DiscoveryObject(object), levels)
        } catch {
            self = .refused("it is no JSON that can be read: \(error)")
        }
    }

    private static func read(_ object: DiscoveryObject, _ levels: [Substring]) -> DiscoveryMessage {
        if object["origin", "o"]?.object?["name"]?.string == origin {
            return .devices([], leftOut: [])
        }
        var reader = DiscoveryReader()
        let place = levels.dropLast().joined(separator: "/")
        if levels.first == "device" {
            reader.readDevice(object, place)
        } else if levels.first != "tag", levels.first != "device_automation" {
            reader.readEntity(object, place)
        }
        return .devices(reader.devices, leftOut: reader.leftOut)
    }
}

extension Substring {
    /// Whether Home Assistant takes it as the name of a node or an object.
    fileprivate var isObjectID: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
