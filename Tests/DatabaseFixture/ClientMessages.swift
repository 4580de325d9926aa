/// Reads what libpq sends, as far as to know when a `COMMIT` is among it (PostgreSQL 15, 55.7 "Message Formats").
struct ClientMessages {
    private var rest: [UInt8] = []
    /// Whether the first message, which has no type, was read.
    private var hasBegun = false
    /// The texts of the compiled statements, by their names.
    private var statements: [String: String] = [:]

    /// Takes bytes as they come; returns whether one of the messages that they end does a `COMMIT`.
    mutating func take(_ bytes: some Sequence<UInt8>) -> Bool {
        rest += bytes
        var commits = false
        while let message = next() {
            var texts = message.body.split(separator: 0, omittingEmptySubsequences: false)
                .makeIterator()
            let first = texts.next().map { String(decoding: $0, as: UTF8.self) } ?? ""
            let second = texts.next().map { String(decoding: $0, as: UTF8.self) } ?? ""
            switch message.type {
            case UInt8(ascii: "P"): statements[first] = second
            case UInt8(ascii: "B"): commits = commits || statements[second] == "COMMIT"
            default: break
            }
        }
        return commits
    }

    private mutating func next() -> (type: UInt8, body: ArraySlice<UInt8>)? {
        let head = hasBegun ? 1 : 0
        guard rest.count >= head + 4 else { return nil }
        let length = rest[head..<head + 4].reduce(0) { $0 << 8 | Int($1) }
        guard rest.count >= head + length else { return nil }
        let message = (hasBegun ? rest[0] : 0, rest[(head + 4)..<(head + length)])
        rest.removeFirst(head + length)
        hasBegun = true
        return message
    }
}
