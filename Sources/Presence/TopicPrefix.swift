/// The levels that all topics of a service begin with: one rule for all that are told them.
public enum TopicPrefix {
    /// The most bytes of UTF-8 that a prefix may have.
    public static let longest = 256

    /// What is right, in words.
    public static let rule =
        "topic levels separated by '/', without '+', '#', and no '$' in front"

    /// What is wrong with a text, to be put behind it: `has an empty level`; `nil` for a prefix.
    public static func fault(of text: String) -> String? {
        // By bytes, as the broker does: an accent makes another letter of a sign.
        let bytes = text.utf8
        let levels = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard levels.allSatisfy({ !$0.isEmpty }) else { return "has an empty level" }
        guard !bytes.contains(UInt8(ascii: "+")), !bytes.contains(UInt8(ascii: "#")) else {
            return "has a wildcard"
        }
        guard bytes.first != UInt8(ascii: "$") else {
            return "begins with '$', which is the broker's own"
        }
        guard bytes.count <= longest else {
            return "is too long with \(bytes.count) bytes; \(longest) at most"
        }
        guard TopicName.isPublishable(text) else {
            return "has a character that brokers need not take"
        }
        return nil
    }
}
