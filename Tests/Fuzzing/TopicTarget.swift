import Presence

/// Topics: what they mean, and where answers may go.
public struct TopicTarget: Target {
    /// See ``Target/name``.
    public let name = "topics"

    /// See ``Target/draw(_:)``.
    public func draw(_ dice: inout Dice) -> Case {
        var prefix = Array(dice.pick("presence", "presence", "a/b", "pr\u{E9}sence").utf8)
        ByteMutation.maybe(&prefix, oneIn: 20, &dice)
        return Case([[prefix, TopicGrammar.topic(&dice)]])
    }

    /// See ``Target/judge(_:reached:)``.
    public func judge(_ input: Case, reached: inout Set<String>) -> [String] {
        guard let words = input.lines.first, words.count > 1 else { return [] }
        let topics = Topics(prefix: words[0].text)
        let topic = words[1].text
        let bytes = Array(topic.utf8)
        let levels = bytes.split(separator: slash, omittingEmptySubsequences: false).map {
            Array($0).text
        }
        var expected: [String]
        switch topics.meaning(of: topic) {
        case nil:
            reached.insert("nothing")
            return []
        case .misnamed:
            reached.insert("misnamed")
            return levels.contains { Name(user: $0) == nil } || levels.contains { $0.isLong }
                ? [] : ["\(topic) is called misnamed"]
        case .device(let user, let device):
            reached.insert("device")
            expected = [topics.device(user, device)]
            // A name in a topic must not lead anywhere but to its own.
            if !topics.permitsResponse(
                to: topics.response(user, device),
                user: user,
                device: device
            ) {
                return ["no answer may go to \(topics.response(user, device))"]
            }
        case .status(let user):
            reached.insert("status")
            expected = [topics.status(user)]
        case .request(let user, let device, let operation):
            reached.insert("request")
            expected = ["\(topics.prefix)/request/\(user)/\(device)/\(operation)"]
            let other = topics.response(user, Name(checked: device.text + "x"))
            for foreign in [other, topics.response(user, device) + "x", topic]
            where topics.permitsResponse(to: foreign, user: user, device: device) {
                return ["an answer to \(user)/\(device) may go to \(foreign)"]
            }
        }
        expected = expected.filter { Array($0.utf8) != bytes }
        return expected.isEmpty ? [] : ["\(topic) is read as \(expected)"]
    }
}

extension String {
    /// Whether it is no device's name for its length alone.
    fileprivate var isLong: Bool { utf8.count > Name.longestDevice }
}

private let slash = UInt8(ascii: "/")
