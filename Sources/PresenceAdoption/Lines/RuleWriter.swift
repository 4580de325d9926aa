import Presence

/// Makes the rules of one `adopt` line: fills the line's values into the topics of its kind.
struct RuleWriter {
    /// How long a thing may have to say something, in seconds.
    private static let ttls: ClosedRange<Int64> = 5...2_592_000

    private let number: Int
    private let line: AdoptionLine
    private let kind: AdoptionKind
    private var settings: [String: String]
    private let ttl: Int64?
    private let qos: UInt8

    init(_ line: AdoptionLine, number: Int) throws(AdoptionFault) {
        self.number = number
        self.line = line
        if let name = line.kind {
            kind = try AdoptionKind.named(name, version: line["version"])
        } else {
            kind = .others
        }
        settings = kind.settings
        let known = AdoptionLine.keys + kind.settings.keys.sorted()
        for key in line.values.keys.sorted() where !known.contains(key) {
            throw AdoptionFault.unknown("key", key, among: known)
        }
        for (key, value) in line.values where settings[key] != nil { settings[key] = value }
        ttl = try Self.ttl(line["ttl"])
        qos = try Self.qos(line["qos"])
    }

    private static func ttl(_ text: String?) throws(AdoptionFault) -> Int64? {
        guard let text else { return nil }
        guard case .duration(let ttl) = DurationText.parse(text),
            ttls.contains(ttl.components.seconds)
        else { throw AdoptionFault("ttl '\(text)' is no duration of 5s to 30d") }
        return ttl.components.seconds * 1_000
    }

    private static func qos(_ text: String?) throws(AdoptionFault) -> UInt8 {
        guard let text else { return 0 }
        guard let qos = UInt8(text), qos < 2 else {
            throw AdoptionFault("qos '\(text)' is neither 0 nor 1")
        }
        return qos
    }

    /// All rules, in the order in which a topic is compared with them.
    func rules() throws(AdoptionFault) -> [AdoptionRule] {
        if kind.needsTTL, ttl == nil {
            throw AdoptionFault(
                "\(kind.name) says nothing when it goes; it needs a ttl, such as ttl=1h"
            )
        }
        for key in ["alive", "source"]
        where line[key] != nil && kind.topics.contains(where: \.describes) {
            throw AdoptionFault("\(kind.name) learns its topics; '\(key)' is for other kinds")
        }
        if let word = line["rebirth"], !["true", "false"].contains(word) {
            throw AdoptionFault("rebirth '\(word)' is neither true nor false")
        }
        var rules: [AdoptionRule] = []
        for topic in kind.topics { rules.append(try rule(topic)) }
        if let alive = line["alive"] { rules.append(try sign(of: alive)) }
        return rules
    }

    private func rule(_ topic: KindTopic) throws(AdoptionFault) -> AdoptionRule {
        let pattern = try TopicPattern(filled(topic.topic))
        guard topic.name != nil || topic.describes || pattern.captures.contains("name") else {
            throw AdoptionFault("topic '\(pattern.text)' has no {name}")
        }
        let (user, device) = try names(of: topic, pattern)
        var source = topic.source
        if source == nil, topic.isGateway || !kind.topics.contains(where: \.isGateway) {
            source = line["source"]
        }
        return AdoptionRule(
            line: number,
            kind: kind.name,
            pattern: pattern,
            reading: try reading(of: topic),
            isThing: topic.isThing,
            isGateway: topic.isGateway,
            isMain: topic.isMain,
            isRetained: topic.isRetained,
            readsEmpty: topic.readsEmpty,
            startsAnew: topic.startsAnew,
            user: user,
            device: device,
            key: try topic.key.map { key throws(AdoptionFault) in
                try NamePattern(filled(key), pattern.captures)
            },
            source: try source.map { source throws(AdoptionFault) in
                try NamePattern(filled(source), pattern.captures)
            },
            sourceByName: topic.sourceByName.map(filled),
            ttl: ttl,
            qos: qos,
            command: try asksForBirths
                ? topic.command.map { command throws(AdoptionFault) in
                    try NamePattern(filled(command), pattern.captures)
                } : nil,
            isError: topic.isError,
            describes: topic.describes
        )
    }

    /// Whether a gateway may be asked for its birth: a write on a topic that is not ours.
    private var asksForBirths: Bool { line["rebirth"] == "true" }

    /// The patterns of user and device for what a topic captures, or what its messages say.
    private func names(
        of topic: KindTopic,
        _ pattern: TopicPattern
    ) throws(AdoptionFault) -> (user: NamePattern, device: NamePattern) {
        // A topic of one thing alone has its name in the place of {name}.
        let single = topic.name == nil ? topic.user : topic.user ?? "{kind}"
        var user = line["user"] ?? single ?? kind.user
        var device = line["device"] ?? topic.device ?? kind.device
        if let name = topic.name {
            user.replace("{name}", with: name)
            device.replace("{name}", with: name)
        }
        (user, device) = (filled(user), filled(device))
        let captures = topic.describes ? DescribedName.captures : pattern.captures
        let patterns = (try NamePattern(user, captures), try NamePattern(device, captures))
        let captured = patterns.0.captured.union(patterns.1.captured)
        if topic.name == nil, let place = captures.firstIndex(of: "name"),
            !captured.contains(place), !topic.describes || captured.isEmpty
        {
            throw AdoptionFault(
                "user '\(user)' and device '\(device)' have no {name}: all things would be one device"
            )
        }
        return patterns
    }

    /// The words of a topic, with those of the line in their place.
    private func reading(of topic: KindTopic) throws(AdoptionFault) -> KindTopic.Reading {
        let keys = ["on", "off", "end", "path"].filter { line[$0] != nil }
        guard !keys.isEmpty else { return topic.reading }
        guard line.kind == nil || kind.settings["topic"] != nil || kind.topics.count == 1,
            case .words(let words) = topic.reading
        else {
            guard topic.isMain else { return topic.reading }
            throw AdoptionFault(
                "\(kind.name) has words of its own; '\(keys[0])' is for other topics"
            )
        }
        let path = line["path"]?.split(separator: ".").map(String.init) ?? words.path
        guard line["on"] != nil || line["off"] != nil || line["end"] != nil else {
            return .words(words.with(path: path))
        }
        let on = line.words("on")
        let off = line.words("off")
        if on?.isEmpty == true { throw AdoptionFault("on has no word") }
        let mine = WordList(
            on: on ?? words.texts(of: .online),
            off: off ?? words.texts(of: .lost),
            end: line.words("end") ?? [],
            path: path
        )
        if !mine.hasGone, ttl == nil {
            throw AdoptionFault(
                "no word says that a thing has gone; that needs a ttl, such as ttl=1h"
            )
        }
        if let word = mine.repeated { throw AdoptionFault("the word '\(word)' has two meanings") }
        return .words(mine)
    }

    /// The rule for signs of life, which are about the same things as the first topic.
    private func sign(of filter: String) throws(AdoptionFault) -> AdoptionRule {
        guard let main = kind.topics.first(where: { $0.isThing && $0.name == nil }) else {
            throw AdoptionFault("\(kind.name) is one thing: it has no alive")
        }
        var topic = main
        topic.topic = filter
        topic.reading = .code { _ in .alive }
        topic.isMain = false
        topic.isGateway = false
        topic.readsEmpty = true
        topic.key = nil
        let pattern = try TopicPattern(filled(filter))
        guard pattern.captures.contains("name") else {
            throw AdoptionFault("alive '\(filter)' has no {name}")
        }
        let (user, device) = try names(of: topic, pattern)
        return AdoptionRule(
            line: number,
            kind: kind.name,
            pattern: pattern,
            reading: topic.reading,
            isThing: true,
            isGateway: false,
            isMain: false,
            isRetained: false,
            readsEmpty: true,
            startsAnew: false,
            user: user,
            device: device,
            key: nil,
            source: nil,
            sourceByName: nil,
            ttl: ttl,
            qos: qos
        )
    }

    /// A text with the settings of the kind in the place of their names; `{topic-}` is the topic without its last
    /// level.
    private func filled(_ text: String) -> String {
        var text = text
        text.replace("{kind}", with: kind.name)
        for (key, value) in settings {
            text.replace("{\(key)}", with: value)
            guard key == "topic" else { continue }
            let levels = value.split(separator: "/", omittingEmptySubsequences: false)
            text.replace("{topic-}", with: levels.dropLast().joined(separator: "/"))
        }
        return text
    }
}
