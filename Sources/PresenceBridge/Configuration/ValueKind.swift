import Presence

/// A kind of value: how it is read, how it is written, and how to say what is allowed.
///
/// Kinds know nothing of keys; a ``Setting`` ties one to its key and its place in ``Settings``.
struct ValueKind<Value: Hashable & Sendable>: Sendable {
    /// What is allowed, as it ends an error message: `1 to 65535`.
    let allowed: String
    /// Reads a value that is not empty.
    let parse: @Sendable (String) throws(BadValue) -> Value
    /// Writes a value as ``parse`` reads it; `nil` when there is none.
    let show: @Sendable (Value) -> String?
    /// What a shell can offer for it.
    var completion = ValueCompletion.nothing
    /// Whether a message may quote what was read: some of it may be secret.
    var isQuotable = true

    /// The same kind, of which no message quotes what was read.
    func unquoted() -> Self {
        var kind = self
        kind.isQuotable = false
        return kind
    }

    /// The same kind, with something that a shell can offer for it.
    func completed(by completion: ValueCompletion) -> Self {
        var kind = self
        kind.completion = completion
        return kind
    }
}

/// Why a value was refused, as what follows the quoted value in an error message.
struct BadValue: Error, Hashable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    static let outOfRange = BadValue("is out of range")
}

extension ValueKind where Value == Int {
    /// A whole number; `zero` is what 0 means when 0 is allowed beside the range.
    static func integer(
        _ range: ClosedRange<Int>,
        _ unit: String? = nil,
        zero: String? = nil
    ) -> Self {
        let span = "\(range.lowerBound) to \(range.upperBound)" + (unit.map { " \($0)" } ?? "")
        return Self(allowed: zero.map { "0 (\($0)) or \(span)" } ?? span) { text throws(BadValue) in
            let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
            guard !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) else {
                throw BadValue("is not a whole number")
            }
            guard let value = Int(text), range.contains(value) || (value == 0 && zero != nil) else {
                throw .outOfRange
            }
            return value
        } show: {
            String($0)
        }
    }
}

extension ValueKind where Value == Int {
    /// A TCP port, or 0, which only the whole of a configuration allows: with a Unix socket.
    static var port: Self {
        let ports = Self.integer(1...65_535)
        let numbers = Self.integer(0...65_535)
        return Self(allowed: ports.allowed, parse: numbers.parse, show: numbers.show)
    }
}

extension ValueKind where Value == Duration {
    /// A duration; `zero` is what 0 means when 0 is allowed beside the range, and `whole` says
    /// that the wire knows only whole seconds here.
    static func duration(
        _ range: ClosedRange<Duration>,
        whole: Bool = false,
        zero: String? = nil
    ) -> Self {
        let bounds = [range.lowerBound, range.upperBound].map(DurationText.show)
        let unit = whole ? "whole seconds" : "a duration"
        let span = "\(unit), \(zero.map { "0 (\($0)) or " } ?? "")\(bounds[0]) to \(bounds[1])"
        return Self(allowed: span) { text throws(BadValue) in
            switch DurationText.parse(text) {
            case .malformed:
                throw BadValue(
                    "is not a duration such as 100ms, 3s, 5m, 12h or 30d"
                        + " (a bare number is seconds)"
                )
            case .outOfRange:
                throw .outOfRange
            case .duration(let value):
                guard range.contains(value) || (value == .zero && zero != nil) else {
                    throw .outOfRange
                }
                guard !whole || value.components.attoseconds == 0 else {
                    throw BadValue("is not in whole seconds")
                }
                return value
            }
        } show: {
            DurationText.show($0)
        }
    }
}

extension ValueKind where Value == Int64 {
    /// A duration in whole seconds, for what the protocol counts in seconds.
    static func seconds(_ range: ClosedRange<Duration>) -> Self {
        let duration = ValueKind<Duration>.duration(range, whole: true)
        return Self(allowed: duration.allowed) { text throws(BadValue) in
            try duration.parse(text).components.seconds
        } show: {
            DurationText.show(.seconds($0))
        }
    }
}

extension ValueKind where Value == Bool {
    static func either(_ yes: String, or no: String) -> Self {
        Self(allowed: "\(yes) or \(no)") { text throws(BadValue) in
            guard text == yes || text == no else { throw BadValue("is neither") }
            return text == yes
        } show: {
            $0 ? yes : no
        }.completed(by: .words([yes, no]))
    }
}

extension ValueKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        let last = words.last ?? ""
        let allowed =
            words.count < 2 ? last : words.dropLast().joined(separator: ", ") + " or " + last
        return Self(allowed: allowed) { text throws(BadValue) in
            guard let value = Value(rawValue: text) else { throw BadValue("is none of them") }
            return value
        } show: {
            $0.rawValue
        }.completed(by: .words(words))
    }
}
