extension JSONObject {
    /// Reads a payload that must be a JSON object; an empty one counts as `{}`.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` that says where the text goes wrong.
    public init(readingPayload bytes: [UInt8]) throws(Refusal) {
        guard !bytes.isEmpty else {
            self.init([])
            return
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw Refusal(.malformedRequest, "a JSON object is wanted: \(error)")
        }
        guard case .object(let object) = value else {
            throw Refusal(.malformedRequest, "a JSON object is wanted: {...}")
        }
        self = object
    }

    /// The text under a key, `nil` where the key is absent.
    public func text(_ key: String) throws(Refusal) -> String? { try self[key]?.text(key) }

    /// The integer under a key, `nil` where the key is absent.
    public func whole(_ key: String) throws(Refusal) -> Int64? { try self[key]?.whole(key) }

    /// Whether the flag under a key is set; absent is as `false`.
    public func flag(_ key: String) throws(Refusal) -> Bool { try self[key]?.flag(key) ?? false }

    /// The strings under a key, `nil` where the key is absent.
    public func texts(_ key: String) throws(Refusal) -> [String]? { try self[key]?.texts(key) }
}

/// Values that must be of a type, under a key that the refusal names.
extension JSONValue {
    func text(_ key: String) throws(Refusal) -> String {
        guard case .string(let text) = self else { throw Self.refusal(key, "a string") }
        return text
    }

    func whole(_ key: String) throws(Refusal) -> Int64 {
        guard case .integer(let value) = self else { throw Self.refusal(key, "an integer") }
        return value
    }

    func flag(_ key: String) throws(Refusal) -> Bool {
        guard case .bool(let value) = self else { throw Self.refusal(key, "true or false") }
        return value
    }

    func texts(_ key: String) throws(Refusal) -> [String] {
        guard case .array(let values) = self else {
            throw Self.refusal(key, "an array of strings")
        }
        var texts: [String] = []
        texts.reserveCapacity(values.count)
        for value in values {
            guard case .string(let text) = value else {
                throw Self.refusal(key, "an array of strings")
            }
            texts.append(text)
        }
        return texts
    }

    static func refusal(_ key: String, _ wanted: String) -> Refusal {
        Refusal(.malformedRequest, "\(key) must be \(wanted)")
    }
}
