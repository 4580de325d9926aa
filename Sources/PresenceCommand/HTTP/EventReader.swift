import Presence
import PresenceClient

/// Takes server-sent events apart, part by part as they come.
struct EventReader {
    /// The longest line that is believed: no status is as long.
    private static let longestLine = 1 << 20

    private var line: [UInt8] = []
    private var id: String?
    private var data: [UInt8]?

    /// The events that end in this part.
    mutating func read(_ part: [UInt8]) -> [ChangeStream.Event] {
        var events: [ChangeStream.Event] = []
        for byte in part {
            guard byte == UInt8(ascii: "\n") else {
                if line.count < Self.longestLine { line.append(byte) }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if line.isEmpty {
                if let id { events.append(.change(id: id, data.flatMap(Self.status))) }
                (id, data) = (nil, nil)
            } else if let value = value(of: "id") {
                id = String(decoding: value, as: UTF8.self)
            } else if let value = value(of: "data") {
                data = value
            }
            line = []
        }
        return events
    }

    /// What stands behind the name of a field in the line, if it is of that field.
    private func value(of field: String) -> [UInt8]? {
        let name = Array("\(field):".utf8)
        guard line.starts(with: name) else { return nil }
        let value = line.dropFirst(name.count)
        return Array(value.first == UInt8(ascii: " ") ? value.dropFirst() : value)
    }

    private static func status(_ data: [UInt8]) -> UserStatus? {
        let change = (try? JSONValue(parsing: data))?.object
        return change?["status"]?.object.flatMap(UserStatus.init(reading:))
    }
}
