extension JSONObject {
    /// Reads a payload that must be a JSON object; an empty one counts as `{}`.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` that says where the text goes wrong.
    public init(readingPayload bytes: [UInt8]) throws(Refusal) {
        guard !bytes.isEmpty else {
            self.init([])
            return
        }
        do {
            guard case .object(let object) = try JSONValue(parsing: bytes) else {
                throw Refusal(.malformedRequest, "a JSON object is wanted: {...}")
            }
            self = object
        } catch let error as JSONError {
            throw Refusal(.malformedRequest, "a JSON object is wanted: \(error)")
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.malformedRequest, "a JSON object is wanted")
        }
    }

    /// The text under a key, `nil` where the key is absent.
    public func text(_ key: String) throws(Refusal) -> String? {
        try value(key, "a string", \.string)
    }

    /// The integer under a key, `nil` where the key is absent.
    public func whole(_ key: String) throws(Refusal) -> Int64? {
        try value(key, "an integer", \.integer)
    }

    /// Whether the flag under a key is set; absent is as `false`.
    public func flag(_ key: String) throws(Refusal) -> Bool {
        try value(key, "true or false", \.bool) ?? false
    }

    /// The strings under a key, `nil` where the key is absent.
    public func texts(_ key: String) throws(Refusal) -> [String]? {
        guard let values = try value(key, "an array of strings", \.array) else { return nil }
        var texts: [String] = []
        texts.reserveCapacity(values.count)
        for value in values {
            guard case .string(let text) = value else {
                throw Refusal(.malformedRequest, "\(key) must be an array of strings")
            }
            texts.append(text)
        }
        return texts
    }

    private func value<Value>(
        _ key: String,
        _ wanted: String,
        _ read: (JSONValue) -> Value?
    ) throws(Refusal) -> Value? {
        guard let found = self[key] else { return nil }
        guard let value = read(found) else {
            throw Refusal(.malformedRequest, "\(key) must be \(wanted)")
        }
        return value
    }
}
