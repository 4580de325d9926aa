/// A parameter in a path or a query, as the document describes it.
struct OpenAPIParameter: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case user
        case users
        case device
        case text
        case truth
        case whole(ClosedRange<Int64>)
        case natural
        case integer

        /// The schema: JSON.
        var schema: String {
            switch self {
            case .user: ##"{"$ref":"#/components/schemas/Name"}"##
            case .users:
                ##"{"type":"array","items":{"$ref":"#/components/schemas/Name"}}"##
            case .device: ##"{"$ref":"#/components/schemas/Device"}"##
            case .natural: ##"{"type":"integer","minimum":0}"##
            case .integer: ##"{"type":"integer"}"##
            case .text: ##"{"type":"string"}"##
            case .truth: ##"{"type":"boolean"}"##
            case .whole(let range):
                ##"{"type":"integer","minimum":\##(range.lowerBound),"maximum":\##(range.upperBound)}"##
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
