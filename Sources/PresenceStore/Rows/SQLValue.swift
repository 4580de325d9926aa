/// A value in the place of an argument.
enum SQLValue {
    case integer(Int64)
    case text(String)
}

extension SQLValue: ExpressibleByIntegerLiteral {
    init(integerLiteral value: Int64) { self = .integer(value) }
}
