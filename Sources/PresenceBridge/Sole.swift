/// A value of which its owner, an object, makes no copy.
///
/// A question to a large value in an object would copy all of it first, and so count a reference to each
/// of its tables.
struct Sole<Value>: ~Copyable {
    var value: Value

    init(_ value: consuming Value) { self.value = value }

    /// Answers a question to the value where it lies.
    borrowing func ask<Answer>(_ question: (borrowing Value) -> Answer) -> Answer {
        question(value)
    }
}
