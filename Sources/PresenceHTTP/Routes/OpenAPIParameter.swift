/// A parameter in a path or a query, as the document describes it.
struct OpenAPIParameter: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case name
        case names
        case text
        case truth
        case whole(ClosedRange<Int64>)

        /// The schema: JSON.
        var schema: String {
            switch self {
            case .name: #"{"type":"string","minLength":1,"maxLength":128}"#
            case .names:
                #"{"type":"array","items":{"type":"string","minLength":1,"maxLength":128},"maxItems":100}"#
            case .text: #"{"type":"string"}"#
            case .truth: #"{"type":"boolean"}"#
            case .whole(let range):
                #"{"type":"integer","minimum":\#(range.lowerBound),"maximum":\#(range.upperBound)}"#
            }
        }
    }

    let name: String
    let kind: Kind

    init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}
