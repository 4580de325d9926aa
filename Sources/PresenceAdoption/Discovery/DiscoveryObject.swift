import Presence

/// A JSON object of a discovery message, whose members have a long name and a short one.
///
/// Where both stand, the short one counts: Home Assistant puts it in the place of the long one.
struct DiscoveryObject {
    /// The names that are looked for: others may be many.
    private static let names: Set<String> = [
        "~", "availability", "avty", "availability_mode", "avty_mode", "availability_topic",
        "avty_t", "availability_template", "avty_tpl", "payload_available", "pl_avail",
        "payload_not_available", "pl_not_avail", "topic", "t", "value_template", "val_tpl",
        "device", "dev", "components", "cmps", "child_devices", "cdevs", "child_device", "cdev",
        "origin", "o", "platform", "p", "identifiers", "ids", "connections", "cns", "name",
    ]

    private let members: [String: JSONValue]
    /// The members that hold where this one has none.
    private let shared: [String: JSONValue]

    init(_ object: JSONObject) {
        var members: [String: JSONValue] = [:]
        for (key, value) in object.entries where Self.names.contains(key) { members[key] = value }
        self.init(members, over: [:])
    }

    private init(_ members: [String: JSONValue], over shared: [String: JSONValue]) {
        (self.members, self.shared) = (members, shared)
    }

    /// The same, with the members of a device in the place of those that are missing.
    func over(_ device: DiscoveryObject) -> Self { Self(members, over: device.members) }

    subscript(long: String, short: String) -> JSONValue? {
        members[short] ?? members[long] ?? shared[short] ?? shared[long]
    }

    /// What `~` stands for at either end of a topic.
    var base: String? { members["~"].flatMap(\.discoveryText) }

    /// The first identifier of a device, or else its first connection.
    var identity: String? {
        if let id = first(of: self["identifiers", "ids"]), !id.isEmpty { return id }
        guard case .array(let pair)? = self["connections", "cns"]?.array?.first, pair.count == 2,
            let kind = pair[0].discoveryText, let address = pair[1].discoveryText
        else { return nil }
        return "\(kind)-\(address)"
    }

    private func first(of value: JSONValue?) -> String? {
        (value?.array?.first ?? value).flatMap(\.discoveryText)
    }

    // MARK: - Availability

    /// What an entity's availability is; `nil` if it names no topic, or none that is left.
    ///
    /// - Parameter leftOut: What is left out is added to it, in words.
    func availability(
        base: String?,
        _ leftOut: inout [String]
    ) throws(AdoptionFault) -> DiscoveredAvailability? {
        var topics: [DiscoveryObject] = []
        let single = self["availability_topic", "avty_t"]
        if let list = self["availability", "avty"] {
            guard single == nil else {
                throw AdoptionFault("availability and availability_topic in one entity")
            }
            for case .object(let object) in list.array ?? [list] {
                topics.append(DiscoveryObject(object))
            }
        }
        guard topics.count <= DiscoveryMessage.mostSources else {
            throw AdoptionFault("more than \(DiscoveryMessage.mostSources) topics for one entity")
        }
        var sources: [DiscoveredSource] = []
        for object in topics {
            let template = object["value_template", "val_tpl"]
            object.take(object["topic", "t"], template, base: base, &sources, &leftOut)
        }
        if let single {
            let template = self["availability_template", "avty_tpl"]
            take(single, template, base: base, &sources, &leftOut)
        }
        guard !sources.isEmpty else { return nil }
        let word = self["availability_mode", "avty_mode"]?.string ?? "latest"
        guard let mode = DiscoveredAvailability.Mode(rawValue: word) else {
            throw AdoptionFault("an availability_mode that is none of all, any and latest")
        }
        // With one topic all modes are the same.
        return DiscoveredAvailability(mode: sources.count == 1 ? .latest : mode, sources: sources)
    }

    /// Takes a topic with the words of this object, unless it has to be left out.
    private func take(
        _ topic: JSONValue?,
        _ template: JSONValue?,
        base: String?,
        _ sources: inout [DiscoveredSource],
        _ leftOut: inout [String]
    ) {
        func leaveOut(_ words: String) {
            leftOut.leaveOut(words)
        }
        guard let topic = topic.flatMap(\.discoveryText)?.replacingBase(base), topic.isReadable
        else { return leaveOut("an availability topic that cannot be read") }
        var path: [String] = []
        if let template {
            guard let text = template.string, let found = ValueTemplate.path(of: text) else {
                return leaveOut("the template \(template.string?.start ?? "") of \(topic)")
            }
            path = found
        }
        let on = self["payload_available", "pl_avail"].map(\.discoveryText) ?? "online"
        let off = self["payload_not_available", "pl_not_avail"].map(\.discoveryText) ?? "offline"
        let longest = DiscoveryMessage.longestText
        guard let on, let off, on.utf8.count <= longest, off.utf8.count <= longest else {
            return leaveOut("words for \(topic) that cannot be compared")
        }
        // Of a topic that stands there twice the last place counts.
        sources.removeAll { $0.exactTopic == ExactText(topic) }
        let words = WordList(on: [on.withoutBlanks], off: [off.withoutBlanks], path: path)
        sources.append(DiscoveredSource(topic: topic, words: words))
    }
}

extension [String] {
    /// Adds a line on what is left out, unless it is there or there are many.
    mutating func leaveOut(_ words: String) {
        if count < DiscoveryMessage.mostLines, !contains(words) { append(words) }
    }
}

extension JSONValue {
    /// What Home Assistant makes a text of.
    fileprivate var discoveryText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let flag): flag ? "True" : "False"
        case .null, .number, .array, .object: nil
        }
    }
}

extension String {
    /// A topic with its base in the place of `~` at either end.
    fileprivate func replacingBase(_ base: String?) -> String {
        guard let base else { return self }
        var topic = self
        if topic.utf8.first == UInt8(ascii: "~") { topic = base + topic.dropFirst() }
        if topic.utf8.last == UInt8(ascii: "~") { topic = topic.dropLast() + base }
        return topic
    }

    /// Whether it is one topic that may be subscribed to: no wildcard, nothing that asks something else of the
    /// broker, and no more levels than a pattern has.
    fileprivate var isReadable: Bool {
        guard utf8.count <= DiscoveryMessage.longestText, TopicName.isPublishable(self),
            utf8.count(where: { $0 == UInt8(ascii: "/") }) < 32
        else { return false }
        return utf8.first != UInt8(ascii: "$") || hasPrefix("$SYS/broker/connection/")
    }

    /// Its beginning in quotation marks, fit for one line of the log.
    fileprivate var start: String {
        let line = String.UnicodeScalarView(
            unicodeScalars.prefix(80).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
        )
        return "'\(String(line))'"
    }

    /// Without white space around it.
    var withoutBlanks: String {
        let bytes = Payload(Array(utf8))
        return String(decoding: bytes.bytes[bytes.trimmed], as: UTF8.self)
    }
}
