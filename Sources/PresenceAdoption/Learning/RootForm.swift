import Presence

/// The form of a kind's topic that begins with a setting, with that free: it shows what the setting is.
struct RootForm {
    /// The line but for that setting, and for a `ttl` that it needs.
    private let line: String
    private let key: String
    private let usual: String
    private let pattern: TopicPattern
    private let reading: KindTopic.Reading
    private let needsTTL: Bool

    /// The forms of a kind; none for a topic of which nothing else tells the kind.
    static func all(of kind: AdoptionKind, _ variant: String) -> [RootForm] {
        let line = try? AdoptionLine("\(kind.name) \(variant)")
        guard let line, let kind = try? AdoptionKind.named(kind.name, version: line["version"])
        else { return [] }
        var forms: [RootForm] = []
        for topic in kind.topics where topic.isThing && !topic.describes {
            for (key, usual) in kind.settings.sorted(by: { $0.key < $1.key })
            where key != "topic" && topic.topic.hasPrefix("{\(key)}/") {
                var text = "{beginning}/" + topic.topic.dropFirst(key.count + 3)
                for (other, value) in kind.settings { text.replace("{\(other)}", with: value) }
                guard tellsKind(text), let pattern = try? TopicPattern(text) else { continue }
                forms.append(
                    RootForm(
                        line: line.text,
                        key: key,
                        usual: usual,
                        pattern: pattern,
                        reading: topic.reading,
                        needsTTL: kind.needsTTL
                    )
                )
            }
        }
        return forms
    }

    /// Whether a level behind the beginning is one that not everybody has.
    private static func tellsKind(_ text: String) -> Bool {
        text.split(separator: "/").contains { level in
            !level.hasPrefix("{") && level != "+" && level != "5"
                && !LearningFindings.commonLevels.contains(level.lowercased())
        }
    }

    /// The line for a topic of this form; `nil` if it is of another, or begins as is usual.
    func line(of topic: String, _ payload: [UInt8]) -> String? {
        guard let place = pattern.match(topic)?.first else { return nil }
        let root = String(decoding: Array(topic.utf8)[place], as: UTF8.self)
        guard root != usual, TopicPrefix.fault(of: root) == nil,
            !root.contains(where: { " \t={},".contains($0) })
        else { return nil }
        let payload = Payload(payload)
        let saying =
            switch reading {
            case .words(let words): words.read(payload)
            case .code(let code): code(payload)
            }
        guard saying != .unknown else { return nil }
        return "\(line) \(key)=\(root)" + (needsTTL ? " ttl=2h" : "")
    }
}
