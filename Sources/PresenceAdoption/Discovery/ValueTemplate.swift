import Presence

/// What is read of a `value_template`: the place of a word in a JSON object.
enum ValueTemplate {
    /// The members that `{{ value_json.a.b }}` names; none for `{{ value }}`, and `nil` for any other template.
    static func path(of template: String) -> [String]? {
        guard template.utf8.count <= DiscoveryMessage.longestText else { return nil }
        let text = template.withoutBlanks
        guard text.hasPrefix("{{"), text.hasSuffix("}}"), text.utf8.count >= 4 else { return nil }
        var rest = String(text.dropFirst(2).dropLast(2)).withoutBlanks[...]
        if rest == "value" { return [] }
        guard rest.hasPrefix("value_json") else { return nil }
        rest = rest.dropFirst("value_json".count)
        var path: [String] = []
        while !rest.isEmpty {
            if rest.hasPrefix(".") {
                let name = rest.dropFirst().prefix {
                    $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")
                }
                guard let first = name.first, !first.isNumber else { return nil }
                path.append(String(name))
                rest = rest.dropFirst(name.count + 1)
            } else {
                guard rest.hasPrefix("["), let mark = rest.dropFirst().first,
                    mark == "'" || mark == "\""
                else { return nil }
                let name = rest.dropFirst(2).prefix { $0 != mark && $0 != "\\" }
                rest = rest.dropFirst(name.count + 2)
                guard !name.isEmpty, rest.hasPrefix("\(mark)]") else { return nil }
                path.append(String(name))
                rest = rest.dropFirst(2)
            }
        }
        return path.isEmpty || path.count > JSONValue.deepest ? nil : path
    }
}
