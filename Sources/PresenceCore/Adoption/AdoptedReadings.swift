import Presence
import PresenceAdoption

/// What readings of adopted topics have found, and what follows from what they lack.
struct AdoptedReadings: Sendable {
    private let plan: AdoptionPlan
    private var rights = LineRights()
    private var outcomes: [Adoption.Outcome] = []

    init(_ plan: AdoptionPlan) { self.plan = plan }

    mutating func takeOutcomes() -> [Adoption.Outcome] {
        guard !outcomes.isEmpty else { return [] }
        defer { outcomes = [] }
        return outcomes
    }

    /// The topics that a reading of everything should have found and has not, to be asked for alone.
    ///
    /// What is known from the store alone has no topic yet: it is gone if the reading was whole.
    ///
    /// - Parameter hasHeard: Of which lines something has come.
    mutating func missing(
        in reading: ReadingID,
        isCut: Bool,
        hasHeard: [Bool],
        _ things: inout AdoptedThings,
        _ discovery: inout Discovery
    ) -> [String] {
        things.endReading(reading, isCut: isCut)
        var missing = discovery.missing(in: reading, isCut: isCut, &things)
        var unplaced: [Int: [AdoptedThings.Place]] = [:]
        for id in things.table.all {
            for (index, device) in things.table[id].enumerated()
            where device.isMissing(in: reading, things.known) {
                if device.topic.isEmpty {
                    let place = AdoptedThings.Place(id: id, index: index)
                    unplaced[device.line, default: []].append(place)
                } else {
                    missing.append(device.topic)
                }
            }
        }
        if !isCut { remove(unplaced, hasHeard, &things) }
        return missing
    }

    /// Things of the store whose topics a whole reading has not found: where it has found nothing else of their line,
    /// either, that cannot be read, perhaps.
    private mutating func remove(
        _ places: [Int: [AdoptedThings.Place]],
        _ hasHeard: [Bool],
        _ things: inout AdoptedThings
    ) {
        var gone: [AdoptedThings.Place] = []
        for (line, places) in places {
            if hasHeard[line] || places.count == 1 { gone += places } else { noteLost(line) }
        }
        // From the end, so that the others stay where they are.
        for place in gone.sorted(by: { ($1.id, $1.index) < ($0.id, $0.index) }) {
            things.remove(place, isFound: true)
        }
    }

    private mutating func noteLost(_ line: Int) {
        let words =
            "nothing that 'adopt \(plan.lines[line].text)' reads is found any more, and its things stay as they were: "
            + "the bridge's user may lack rights in the broker's ACL: \(plan.rights(of: line))"
        outcomes.append(.remark(words))
    }

    /// Topics were asked for alone: what was not found then is gone, unless the line cannot be read.
    mutating func end(
        _ topics: [String],
        _ reading: ReadingID,
        _ things: inout AdoptedThings,
        _ discovery: inout Discovery,
        _ names: inout Names
    ) {
        var findings: [Int: LineRights.Finding] = [:]
        for topic in topics {
            guard let heard = plan.hear(topic, []) else {
                _ = discovery.lack(topic, in: reading, by: nil, &things, &names)
                continue
            }
            let line = plan.traits(of: heard.rule).line
            guard let isLacking = isLacking(topic, heard, in: reading, things, discovery, names)
            else {
                _ = discovery.lack(topic, in: reading, by: nil, &things, &names)
                continue
            }
            if isLacking {
                findings[line, default: LineRights.Finding()].lacking.append(topic)
            } else {
                findings[line, default: LineRights.Finding()].hasFound = true
            }
        }
        guard !findings.isEmpty else { return }
        let asked = Set(topics)
        for (line, finding) in findings.sorted(by: { $0.key < $1.key }) {
            var rights = rights
            let verdict = rights.judge(line, finding) {
                others(of: line, besides: asked, $0, things, discovery)
            }
            self.rights = rights
            switch verdict {
            case .emptied:
                for topic in finding.lacking { empty(topic, reading, &things, &discovery, &names) }
            case .asks(let topics): outcomes.append(.asks(topics))
            case .isLost: noteLost(line)
            }
        }
    }

    /// Whether a reading has not found a topic that was there; `nil` if nobody goes by it.
    private func isLacking(
        _ topic: String,
        _ heard: AdoptionPlan.Heard,
        in reading: ReadingID,
        _ things: AdoptedThings,
        _ discovery: Discovery,
        _ names: Names
    ) -> Bool? {
        if let isLacking = discovery.lacks(topic, in: reading) { return isLacking }
        let (user, device, _) = plan.names(of: heard)
        guard let place = things.place(of: device, names.id(of: user)),
            things[place].topic == topic
        else { return nil }
        return things[place].reading < reading
    }

    private mutating func empty(
        _ topic: String,
        _ reading: ReadingID,
        _ things: inout AdoptedThings,
        _ discovery: inout Discovery,
        _ names: inout Names
    ) {
        guard let heard = plan.hear(topic, []) else { return }
        let isMessage = discovery.lacks(topic, in: reading) != nil
        _ = discovery.lack(topic, in: reading, by: heard.rule, &things, &names)
        guard !isMessage else { return }
        let (user, device, _) = plan.names(of: heard)
        guard let place = things.place(of: device, names.id(of: user)) else { return }
        outcomes.append(.device(.mended))
        things.remove(place, isFound: true)
    }

    /// Other topics of a line that were found before.
    private func others(
        of line: Int,
        besides asked: Set<String>,
        _ most: Int,
        _ things: AdoptedThings,
        _ discovery: Discovery
    ) -> [String] {
        var others: [String] = []
        if plan.describes(line) { others = discovery.messages(besides: asked, most) }
        for id in things.table.all {
            for device in things.table[id] where device.line == line && device.isReadAgain {
                guard others.count < most else { return others }
                guard !device.topic.isEmpty, !asked.contains(device.topic) else { continue }
                others.append(device.topic)
            }
        }
        return others
    }
}
