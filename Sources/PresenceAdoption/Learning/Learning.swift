import Presence

/// Finds out which `adopt` lines fit what is published on a broker: what is heard goes in, lines come out.
public struct Learning: Sendable {
    /// A topic's newest message.
    struct Heard: Sendable {
        var payload: [UInt8]
        var isRetained: Bool
    }

    /// How many topics are remembered, and how many bytes of them and of their messages.
    static let mostTopics = 200_000
    static let mostBytes = 256 << 20

    private let topics: Topics
    private var heard: [ExactText: Heard] = [:]
    private var bytes = 0
    private var messages = 0
    private var isFull = false

    /// - Parameter topicPrefix: What the protocol's own topics begin with, which are none to adopt.
    public init(topicPrefix: String) { topics = Topics(prefix: topicPrefix) }

    /// Takes a message; an empty one says that there is nothing on the topic any more.
    public mutating func hear(_ topic: String, _ payload: [UInt8], isRetained: Bool) {
        messages += 1
        guard !topics.holds(topic) else { return }
        let key = ExactText(topic)
        let before = heard[key]
        if payload.isEmpty {
            guard before != nil else { return }
            heard[key] = nil
        } else {
            let length = payload.count + (before == nil ? topic.utf8.count : 0)
            guard before != nil || heard.count < Self.mostTopics, bytes + length < Self.mostBytes
            else {
                isFull = true
                return
            }
            // What was found retained once is, whatever comes live.
            let isRetained = isRetained || before?.isRetained == true
            heard[key] = Heard(payload: payload, isRetained: isRetained)
            bytes += length
        }
        if let before { bytes -= before.payload.count + (payload.isEmpty ? topic.utf8.count : 0) }
    }

    /// What was heard, as lines for `bridge.conf`: the `adopt` lines that fit, and in comments what each would bring,
    /// which would fit but for another one, and what looks like availability and is of no kind.
    ///
    /// - Parameters:
    ///   - seconds: For how long it was listened.
    ///   - isCut: Whether the broker has dropped messages meanwhile, to whomever.
    public func report(seconds: Int, isCut: Bool = false) -> String {
        let findings = LearningFindings(heard, topicPrefix: topics.prefix)
        var lines = [
            "# heard \(messages.of("message")) on \(heard.count.of("topic")) in \(seconds.of("second"))"
        ]
        if isCut {
            lines.append("# the broker has dropped messages meanwhile: this may not be all")
        }
        if heard.isEmpty { lines += Self.hint(seconds: seconds) }
        if isFull { lines.append("# more was heard than is remembered: this is not all") }
        return (lines + findings.lines).joined(separator: "\n") + "\n"
    }

    /// Why nothing may have been heard.
    private static func hint(seconds: Int) -> [String] {
        [
            "# nothing that could be adopted was heard: the broker may not let this user read, which it does not",
            "# say ('topic read #' in its ACL), or nothing is retained, and a longer time may bring something:",
            "# presence-bridge learn \(min(max(600, seconds * 10), 86_400))",
        ]
    }
}

extension Int {
    /// `1 topic`, `2 topics`.
    func of(_ what: String) -> String { self == 1 ? "1 \(what)" : "\(self) \(what)s" }
}
