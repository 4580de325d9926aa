import Presence

/// What a request's path and query say, decoded.
struct Parameters {
    private let target: RequestTarget
    private let route: Route

    init(_ target: RequestTarget, _ route: Route) {
        self.target = target
        self.route = route
    }

    /// What stands in the path in the place of `{name}`.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` for what cannot be decoded.
    func path(_ name: String) throws(Refusal) -> String {
        let place = route.pattern.firstIndex(of: .parameter(name))
        guard let place, let text = RequestTarget.decode(target.segments[place]) else {
            throw Refusal(
                .malformedRequest,
                "{\(name)} in the path is percent-encoded UTF-8; this one cannot be decoded"
            )
        }
        return text
    }

    /// Refuses a name in the query that means nothing to the call; monitors may add what they like to theirs.
    func check() throws(Refusal) {
        guard route.scope != nil, route.call != .metrics else { return }
        let known = route.call.query.map(\.name)
        for pair in target.pairs {
            let name = RequestTarget.decode(pair.name) ?? String(pair.name)
            guard !name.isEmpty, !known.contains(name) else { continue }
            let hint = Suggestion.nearest(to: name, among: known).map { "; did you mean \($0)?" }
            let all = known.isEmpty ? "nothing" : known.joined(separator: ", ")
            throw Refusal(
                .malformedRequest,
                "this call takes \(all) in the query, and not '\(name.prefix(64))'" + (hint ?? "")
            )
        }
    }

    /// Every value of a name in the query, in order.
    func all(_ name: String) throws(Refusal) -> [String] {
        var values: [String] = []
        for pair in target.pairs where RequestTarget.decode(pair.name) == name {
            guard let value = RequestTarget.decode(pair.value) else {
                throw Refusal(
                    .malformedRequest,
                    "\(name) in the query is percent-encoded UTF-8; this one cannot be decoded"
                )
            }
            values.append(value)
        }
        return values
    }

    /// The one value of a name in the query, if there is one.
    func text(_ name: String) throws(Refusal) -> String? {
        let values = try all(name)
        guard values.count < 2 else {
            throw Refusal(.malformedRequest, "\(name) is in the query more than once")
        }
        return values.first
    }

    /// The one whole number of a name in the query; one that is too large to be held is as large as can be.
    func whole(_ name: String) throws(Refusal) -> Int64? {
        guard let text = try text(name) else { return nil }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Refusal(.malformedRequest, "\(name) is a whole number")
        }
        return Int64(text) ?? (text.hasPrefix("-") ? .min : .max)
    }

    /// Whether a name in the query is `true`; it may be `false`, too.
    func flag(_ name: String) throws(Refusal) -> Bool {
        switch try text(name) {
        case nil, "false": return false
        case "true": return true
        default: throw Refusal(.malformedRequest, "\(name) is true or false")
        }
    }
}
