import Foundation

/// What real programs have published and left as their wills, byte for byte, in the order of the wire.
///
/// `wire.log` was written by a proxy between them and a mosquitto. Beside availability nothing is kept of it.
public enum Capture {
    /// One message, as the broker gets it or publishes it as a will.
    public struct Message: Hashable, Sendable {
        /// The topic.
        public var topic: String
        /// The payload.
        public var payload: [UInt8]
        /// Whether it is retained.
        public var isRetained: Bool
        /// Whether the broker published it, since the connection broke.
        public var isWill: Bool
    }

    /// The messages of a section, each will behind the end of its connection, if that was none by DISCONNECT.
    public static func messages(_ section: String) throws -> [Message] {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "wire.log")
        let lines = try String(contentsOf: path, encoding: .utf8).components(separatedBy: "\n")
        guard let start = lines.firstIndex(of: "=== \(section)") else {
            throw CocoaError(.fileReadNoSuchFile)
        }
        var wills: [String: Message] = [:]
        var messages: [Message] = []
        for line in lines[(start + 1)...] {
            if line.hasPrefix("===") { break }
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count > 1 else { continue }
            switch words[1] {
            case "CONNECT":
                if let will = line.components(separatedBy: " WILL ").dropFirst().first {
                    wills[words[0]] = message(will, isWill: true)
                }
            case "PUBLISH": messages += [message(words[2], isWill: false)].compactMap(\.self)
            case "DISCONNECT": wills[words[0]] = nil
            case "FIN": messages += [wills.removeValue(forKey: words[0])].compactMap(\.self)
            default: continue
            }
        }
        return messages
    }

    /// Reads `topic b'payload' q1 r1`, the payload as Python writes it.
    private static func message(_ text: String, isWill: Bool) -> Message? {
        guard let blank = text.firstIndex(of: " ") else { return nil }
        let rest = Array(text[text.index(after: blank)...].utf8)
        guard rest.count > 2, rest[0] == UInt8(ascii: "b") else { return nil }
        let quote = rest[1]
        var payload: [UInt8] = []
        var place = 2
        while place < rest.count, rest[place] != quote {
            guard rest[place] == UInt8(ascii: "\\"), place + 1 < rest.count else {
                payload.append(rest[place])
                place += 1
                continue
            }
            switch rest[place + 1] {
            case UInt8(ascii: "n"): payload.append(0x0A)
            case UInt8(ascii: "r"): payload.append(0x0D)
            case UInt8(ascii: "t"): payload.append(0x09)
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest[(place + 2)...].prefix(2), as: UTF8.self)
                payload.append(UInt8(digits, radix: 16) ?? 0)
                place += 2
            case let other: payload.append(other)
            }
            place += 2
        }
        let isRetained = rest.suffix(2).elementsEqual("r1".utf8)
        return Message(
            topic: String(text[..<blank]),
            payload: payload,
            isRetained: isRetained,
            isWill: isWill
        )
    }
}
