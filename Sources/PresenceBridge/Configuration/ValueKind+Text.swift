import Presence
import PresenceCore
import PresenceStore

extension ValueKind where Value == String {
    /// A text of up to so many bytes of UTF-8 without control characters, with a further rule.
    static func text(
        _ allowed: String,
        longest: Int = 4_096,
        rule: @escaping @Sendable (String) throws(BadValue) -> Void = {
            (_: String) throws(BadValue) in
        }
    ) -> Self {
        Self(allowed: allowed) { text throws(BadValue) in
            guard !text.unicodeScalars.contains(where: \.isControl) else {
                throw BadValue("has a control character")
            }
            guard text.utf8.count <= longest else {
                throw BadValue("is too long with \(text.utf8.count) bytes")
            }
            try rule(text)
            return text
        } show: {
            $0
        }
    }

    static var path: Self { text("the path of a file").completed(by: .path) }

    /// A password: anything that MQTT can carry and a line can hold.
    static var password: Self {
        Self(allowed: "up to 65535 bytes") { text throws(BadValue) in
            guard text.utf8.count <= 65_535, !text.utf8.contains(0) else { throw .outOfRange }
            return text
        } show: {
            $0
        }
    }

    /// What names the broker: a host name, an address, or the path of a Unix socket.
    static var host: Self {
        text("a name, an address, or the absolute path of a Unix socket") { text throws(BadValue) in
            if text.hasPrefix("/") {
                // A socket's address has 108 bytes for the path and the byte that ends it.
                guard text.utf8.count <= 107 else {
                    throw BadValue("is too long for a socket, whose path has at most 107 bytes")
                }
                return
            }
            guard !text.contains("\""), !text.contains("'") else {
                throw BadValue("has quotation marks; a value stands without them")
            }
            guard !text.contains("/"), !text.contains(" ") else {
                throw BadValue("is neither a name, nor an address, nor an absolute path")
            }
            guard text.count(where: { $0 == ":" }) != 1 else {
                throw BadValue("is not a name; a port has its own key, 'port'")
            }
        }
    }

    /// A schema's name that needs no quotation marks in SQL.
    static var schema: Self {
        text("1 to 63 of a-z, 0-9 and '_', with no digit and no 'pg_' in front") {
            text throws(BadValue) in
            guard text.utf8.count <= 63, !text.hasPrefix("pg_"), text.first?.isNumber == false,
                text.utf8.allSatisfy({
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                        || $0 == UInt8(ascii: "_")
                })
            else { throw BadValue("is no such name") }
        }
    }

    /// A bridge id, which stands as one level of a topic: the bridge's state is there.
    static var bridgeID: Self {
        text("1 to 128 bytes without '/', '+', '#', and no '$' in front") { text throws(BadValue) in
            guard Name(user: text) != nil else { throw BadValue("cannot be a level of a topic") }
        }
    }

    static var topicPrefix: Self {
        text(TopicPrefix.rule) { text throws(BadValue) in
            if let fault = TopicPrefix.fault(of: text) { throw BadValue(fault) }
        }
    }
}

extension ValueKind where Value == StoreLocation {
    /// A path, or the URI of a database, which may hold a password.
    static var storeLocation: Self {
        let path = ValueKind<String>.path
        let allowed = "the path of a file, ':memory:', or postgresql://USER@HOST:PORT/DATABASE"
        return Self(allowed: allowed) { text throws(BadValue) in
            let text = try path.parse(text)
            do {
                return try StoreLocation(text)
            } catch {
                throw BadValue("\(error)")
            }
        } show: {
            $0.shown
        }.completed(by: .path).unquoted()
    }
}

extension ValueKind where Value == String? {
    static func optional(_ kind: ValueKind<String>) -> Self {
        Self(allowed: kind.allowed) { text throws(BadValue) in
            try kind.parse(text)
        } show: {
            $0.flatMap(kind.show)
        }.completed(by: kind.completion)
    }
}

extension ValueKind where Value == Permission {
    /// `true`, `false`, or user names separated by blanks or commas.
    static var permission: Self {
        let allowed = "true, false, or user names separated by spaces or commas"
        return Self(allowed: allowed) { text throws(BadValue) in
            switch text {
            case "true": return .everyone
            case "false": return .nobody
            default: return .users(try UserList(text).users)
            }
        } show: { permission in
            switch permission {
            case .everyone: "true"
            case .nobody: "false"
            case .users(let users): UserList(users).text
            }
        }.completed(by: .words(["true", "false"]))
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is a control character, U+0000-U+001F or U+007F-U+009F.
    var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }

    /// Whether some programs begin a line after it, though it is no control character.
    fileprivate var isLineEnd: Bool { value == 0x2028 || value == 0x2029 }
}

/// The text between quotation marks, fit for one line of an error message.
func quoted(_ text: String) -> String {
    "'\(escaped(text))'"
}

/// The text fit for one line: control characters and ends of lines are escaped, and what is long is cut.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(60) {
        let isWhole = !scalar.isControl && !scalar.isLineEnd
        result += isWhole ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return text.unicodeScalars.count > 60 ? result + "..." : result
}
