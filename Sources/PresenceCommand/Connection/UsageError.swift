/// Something that the person at the keyboard got wrong, in words that say what is right.
struct UsageError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
