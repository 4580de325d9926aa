/// One `adopt` line: `adopt KIND [key=value ...]`, or `adopt topic=PATTERN [key=value ...]`.
public struct AdoptionLine: Hashable, Sendable {
    /// The keys that every kind has.
    static let keys = [
        "user", "device", "on", "off", "end", "path", "source", "alive", "ttl", "qos",
    ]

    /// The kind; `nil` where the line gives a topic alone.
    public let kind: String?
    /// The values by their keys.
    let values: [String: String]
    /// The line as it was written, with one blank between its parts.
    public let text: String

    /// Takes a line apart.
    public init(_ text: String) throws(AdoptionFault) {
        var parts = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        self.text = parts.joined(separator: " ")
        guard let first = parts.first else {
            throw AdoptionFault("has no kind; write 'adopt KIND' or 'adopt topic=PATTERN'")
        }
        kind = first.contains("=") ? nil : parts.removeFirst()
        var values: [String: String] = [:]
        for part in parts {
            guard let sign = part.firstIndex(of: "=") else {
                throw AdoptionFault("'\(part)' has no value; write '\(part)=VALUE'")
            }
            let key = String(part[..<sign])
            guard values[key] == nil else { throw AdoptionFault("'\(key)' stands twice") }
            values[key] = String(part[part.index(after: sign)...])
        }
        self.values = values
    }

    subscript(key: String) -> String? { values[key] }

    /// The words under a key, parted by commas; `nil` if the line does not have it.
    func words(_ key: String) -> [String]? {
        values[key]?.split(separator: ",").map(String.init)
    }
}
