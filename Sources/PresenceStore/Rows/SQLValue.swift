/// A value in the place of an argument.
enum SQLValue {
    case integer(Int64)
    case text(String)
}
