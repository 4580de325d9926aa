import Presence
import PresenceClient

/// JSON for programs, which a terminal can show as well.
enum JSONText {
    /// What the writer wrote, as a line.
    ///
    /// JSON lets the control characters above ASCII stand for themselves; a terminal would obey
    /// them, so they are escaped.
    static func line(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if (0x7F...0x9F).contains(scalar.value) {
                text.append(contentsOf: "\\u00\(String(scalar.value, radix: 16))".unicodeScalars)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }

    static func line(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        write(&json)
        return line(json.bytes)
    }

    static func line(names: [Name]) -> String {
        line { json in
            json.beginArray()
            for name in names { json.string(name.text) }
            json.endArray()
        }
    }

    static func line(changes: [UserChange]) -> String {
        line { json in
            json.beginArray()
            for change in changes {
                var status = JSONWriter()
                change.status.write(to: &status)
                LoggedChange(
                    id: change.id,
                    user: change.status.username,
                    time: change.time,
                    kind: change.kind,
                    status: status.bytes
                ).write(to: &json)
            }
            json.endArray()
        }
    }

    static func line(statuses: [UserStatus]) -> String {
        line { json in
            json.beginArray()
            for status in statuses { status.write(to: &json) }
            json.endArray()
        }
    }
}
