extension Int {
    /// The number with its noun, for a reader: `1 user`, `2 users`.
    package func of(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
