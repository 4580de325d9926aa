/// A time or number that need not be there, in eight bytes: `Int64?` takes nine, and sixteen in a row.
///
/// `Int64.min` stands for `nil`.
@propertyWrapper
struct Compact: Hashable, Sendable {
    private var value: Int64

    init(wrappedValue: Int64?) { value = wrappedValue ?? .min }

    var wrappedValue: Int64? {
        get { value == .min ? nil : value }
        set { value = newValue ?? .min }
    }
}
