import Presence

/// What all `adopt` lines together say: which topics are read, what their messages mean, and which devices
/// they are about.
public struct AdoptionPlan: Sendable {
    /// A message on an adopted topic, as far as the plan understands it.
    public struct Heard: Sendable {
        /// The rule that the topic fits.
        public let rule: Int
        /// The topic.
        public let topic: String
        /// Where in the topic each capture stands.
        let captures: [Range<Int>]
        /// What it says.
        public let saying: Saying
    }

    /// What is wrong with a line.
    public struct Problem: Hashable, Sendable {
        /// The number of the line among all of them, from 0.
        public let line: Int
        /// The reason, in words.
        public let reason: String
    }

    /// The lines as they were written.
    public let lines: [AdoptionLine]
    /// What is subscribed to: no topic matches two of them.
    public var filters: [TopicFilter] { subscriptions.map(\.filter) }
    private var subscriptions: [(filter: TopicFilter, line: Int)] = []
    private var rules: [AdoptionRule] = []
    /// What the protocol's own topics begin with.
    private var topics = Topics()

    /// A plan without lines: nothing is adopted.
    public init() { lines = [] }

    /// Makes a plan of lines; what is wrong with any of them is told together.
    ///
    /// - Parameter topicPrefix: What the protocol's own topics begin with, which cannot be adopted.
    public init(
        _ lines: [AdoptionLine],
        topicPrefix: String
    ) throws(AdoptionPlanError) {
        self.lines = lines
        topics = Topics(prefix: topicPrefix)
        var problems: [Problem] = []
        for (number, line) in lines.enumerated() {
            do throws(AdoptionFault) {
                rules += try RuleWriter(line, number: number).rules()
            } catch {
                problems.append(Problem(line: number, reason: error.reason))
            }
        }
        addSources(&problems)
        // What stands below names, as the bridge reads and writes it.
        let kinds = ["device", "status", "request", "response", "event", "bridge"]
        addFilters(&problems, own: kinds.map { TopicFilter("\(topicPrefix)/\($0)/+/#") })
        guard problems.isEmpty else { throw AdoptionPlanError(problems: problems) }
    }

    /// Whether nothing is adopted.
    public var isEmpty: Bool { rules.isEmpty }

    /// Makes a gateway of each topic that a line names as its source, and reads it if nobody does.
    private mutating func addSources(_ problems: inout [Problem]) {
        for (number, line) in lines.enumerated() {
            guard let source = line["source"] else { continue }
            do throws(AdoptionFault) {
                let pattern = try TopicPattern(source)
                let filters = pattern.filters.map { TopicFilter($0) }
                let known = rules.indices.filter { place in
                    let theirs = rules[place].pattern.filters.map { TopicFilter($0) }
                    return filters.allSatisfy { filter in theirs.contains { $0.covers(filter) } }
                }
                if let place = known.first {
                    rules[place].isGateway = true
                } else {
                    rules.append(try Self.rule(ofSource: pattern, number))
                }
            } catch {
                problems.append(Problem(line: number, reason: "source \(error.reason)"))
            }
        }
    }

    private static func rule(
        ofSource pattern: TopicPattern,
        _ line: Int
    ) throws(AdoptionFault) -> AdoptionRule {
        let name = try NamePattern("source", [])
        return AdoptionRule(
            line: line,
            kind: "source",
            pattern: pattern,
            reading: .words(.usual),
            isThing: false,
            isGateway: true,
            isMain: true,
            isRetained: true,
            readsEmpty: false,
            startsAnew: false,
            user: name,
            device: name,
            key: nil,
            source: nil,
            sourceByName: nil,
            ttl: nil,
            qos: 0
        )
    }

    /// Takes up the filter of every rule that no other of its line covers.
    private mutating func addFilters(_ problems: inout [Problem], own: [TopicFilter]) {
        var taken: [(filter: TopicFilter, line: Int)] = []
        for (line, filters) in filtersOfLines() {
            for filter in filters {
                if let mine = own.first(where: filter.overlaps) {
                    let reason =
                        "'\(filter.text)' overlaps '\(mine.text)', which are the bridge's own topics"
                    problems.append(Problem(line: line, reason: reason))
                } else if let other = taken.first(where: { $0.filter.overlaps(filter) }) {
                    let reason =
                        other.line == line
                        ? "'\(filter.text)' overlaps '\(other.filter.text)' of the same line"
                        : "'\(filter.text)' overlaps '\(other.filter.text)' of 'adopt "
                            + "\(lines[other.line].text)'; topic= makes them differ"
                    problems.append(Problem(line: line, reason: reason))
                } else {
                    taken.append((filter, line))
                }
            }
        }
        subscriptions = taken
    }

    private func filtersOfLines() -> [(line: Int, filters: [TopicFilter])] {
        lines.indices.map { line in
            var all: [TopicFilter] = []
            for rule in rules where rule.line == line {
                let filters = rule.pattern.filters.map { TopicFilter($0, qos: rule.qos) }
                all += filters.filter { !all.contains($0) }
            }
            let widest = all.filter { filter in
                !all.contains { $0 != filter && $0.covers(filter) }
            }
            return (line, widest)
        }
    }

    // MARK: - Messages

    /// What a message says; `nil` if its topic is none of those that were adopted.
    public func hear(_ topic: String, _ payload: [UInt8]) -> Heard? {
        // No rule is copied to be looked at.
        for place in rules.indices {
            guard let captures = rules[place].pattern.match(topic) else { continue }
            return Heard(
                rule: place,
                topic: topic,
                captures: captures,
                saying: rules[place].read(Payload(payload))
            )
        }
        return nil
    }

    /// Whether a user's device may be one of those that are adopted: nobody else speaks for it then.
    public func claims(_ user: Name, _ device: Name) -> Bool {
        rules.contains { $0.isThing && $0.mayBe(user, device) }
    }

    /// A rule by its number, as far as it concerns whoever hears.
    public func traits(of rule: Int) -> AdoptionTraits {
        var traits = AdoptionTraits(rules[rule])
        for other in rules where other.line == traits.line {
            if other.sourceByName != nil { traits.mayHang = true }
            if other.isError { traits.hasErrors = true }
        }
        return traits
    }

    /// What holds for a user's device that was adopted before, whose topic is not known yet.
    public func traits(of user: Name, _ device: Name) -> AdoptionTraits? {
        let all = rules.indices.filter { place in
            let rule = rules[place]
            return rule.isThing && rule.mayBe(user, device)
        }
        let place = all.first { rules[$0].isMain } ?? all.first
        return place.map { traits(of: $0) }
    }

    /// The user and the device that a message is about, and whether they are called otherwise than there.
    public func names(of heard: Heard) -> (user: Name, device: Name, isOther: Bool) {
        let (topic, captures) = (heard.topic, heard.captures)
        let user = rules[heard.rule].user.name(topic, captures, longest: Name.longestUser)
        let device = rules[heard.rule].device.name(topic, captures, longest: Name.longestDevice)
        return (user.0, device.0, user.isOther || device.isOther)
    }

    /// What a message on the topic of a line that describes things says.
    public func description(in heard: Heard, _ payload: [UInt8]) -> DiscoveryMessage {
        let prefix = rules[heard.rule].pattern.text.split(
            separator: "/",
            omittingEmptySubsequences: false
        )
        .firstIndex(of: "+")
        let levels = heard.topic.split(separator: "/", omittingEmptySubsequences: false)
        return DiscoveryMessage(payload, levels: Array(levels[(prefix ?? 0)...]))
    }

    /// The user and the device that a described device is, by a rule, and whether they are called otherwise.
    public func names(
        of device: DiscoveredDevice,
        by rule: Int
    ) -> (user: Name, device: Name, isOther: Bool) {
        let name = DescribedName(device)
        let user = rules[rule].user.name(name.text, name.places, longest: Name.longestUser)
        let own = rules[rule].device.name(name.text, name.places, longest: Name.longestDevice)
        return (user.0, own.0, user.isOther || own.isOther)
    }

    /// How many levels of the topics of a message's form are not free.
    func narrowness(of heard: Heard) -> Int { rules[heard.rule].pattern.literalCount }

    /// Whether some line reads a topic.
    public func reads(_ topic: String) -> Bool {
        rules.contains { $0.pattern.match(topic) != nil }
    }

    /// Whether a topic is below the protocol's own prefix.
    public func isOwn(_ topic: String) -> Bool { topics.holds(topic) }

    /// With which quality of service the topics are read that a rule's messages name.
    public func qos(of rule: Int) -> UInt8 { rules[rule].qos }

    /// What the gateway is known by that a message is about; `nil` if it is about none.
    public func gateway(of heard: Heard) -> String? {
        guard rules[heard.rule].isGateway else { return nil }
        return rules[heard.rule].key?.fill(heard.topic, heard.captures) ?? heard.topic
    }

    /// What the gateway is known by that must be there for a message to be believed; `nil` for none.
    public func source(of heard: Heard) -> String? {
        rules[heard.rule].source?.fill(heard.topic, heard.captures)
    }

    /// Where the gateway that a message is about, or comes from, may be asked for its birth; `nil` for nowhere.
    public func command(of heard: Heard) -> String? {
        rules[heard.rule].command?.fill(heard.topic, heard.captures)
    }

    /// What the gateway is known by that a message names.
    public func source(named name: String, in heard: Heard) -> String? {
        let pattern = rules[heard.rule].sourceByName?.split(
            separator: "{}",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        return pattern.flatMap { $0.count == 2 ? "\($0[0])\(name)\($0[1])" : nil }
    }

    /// What a line reads.
    public func filters(of line: Int) -> [TopicFilter] {
        subscriptions.filter { $0.line == line }.map(\.filter)
    }

    /// Whether a line's things retain what they say, so that something is found where there are any.
    public func expectsRetained(_ line: Int) -> Bool {
        rules.contains { $0.line == line && $0.isRetained && $0.isThing }
    }

    /// What a line needs in the broker's ACL, for the bridge's user.
    public func rights(of line: Int) -> String {
        filters(of: line).map(\.accessLine).joined(separator: ", ")
    }

    /// Whether messages of a line describe things.
    public func describes(_ line: Int) -> Bool {
        rules.contains { $0.line == line && $0.describes }
    }
}

extension AdoptionPlan: Hashable {
    /// Whether both have the same lines.
    public static func == (left: Self, right: Self) -> Bool { left.lines == right.lines }

    /// Feeds the lines.
    public func hash(into hasher: inout Hasher) { hasher.combine(lines) }
}
