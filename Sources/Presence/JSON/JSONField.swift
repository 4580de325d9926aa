/// What stands under a key at which a value of one type is looked for.
enum JSONField<Value> {
    /// Nothing.
    case absent
    /// A value of another type.
    case wrong
    /// The value.
    case given(Value)

    /// What was found; `nil` for a value of another type.
    init(found value: Value?) {
        self = value.map(JSONField.given) ?? .wrong
    }

    /// The value, `nil` where the key is absent.
    ///
    /// - Parameter wanted: the type, in words.
    /// - Throws: ``ErrorCode/malformedRequest`` that names the key.
    func value(of key: String, _ wanted: String) throws(Refusal) -> Value? {
        switch self {
        case .absent: nil
        case .wrong: throw JSONValue.refusal(key, wanted)
        case .given(let value): value
        }
    }

    /// Whether anything stands there.
    var isPresent: Bool {
        if case .absent = self { false } else { true }
    }
}

extension JSONField<RawText> {
    func text(_ key: String) throws(Refusal) -> RawText? { try value(of: key, "a string") }
}

extension JSONField<String> {
    func text(_ key: String) throws(Refusal) -> String? { try value(of: key, "a string") }
}

extension JSONField<Int64> {
    func whole(_ key: String) throws(Refusal) -> Int64? { try value(of: key, "an integer") }
}

extension JSONField<Bool> {
    func flag(_ key: String) throws(Refusal) -> Bool {
        try value(of: key, "true or false") ?? false
    }
}

extension JSONField<[String]> {
    func texts(_ key: String) throws(Refusal) -> [String]? {
        try value(of: key, "an array of strings")
    }
}
