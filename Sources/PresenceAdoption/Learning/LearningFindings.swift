import Presence

/// What the topics that were heard have in common with kinds.
///
/// It knows no kind by itself: whatever a kind's topics match, and its words say something of, is a thing of that kind.
/// Where a kind's topics begin with a setting, as zigbee2mqtt's with `base`, other beginnings are tried, too.
struct LearningFindings {
    /// A line that may fit, and what it would bring.
    private struct Candidate {
        let text: String
        let plan: AdoptionPlan
        /// Its things, by user and device.
        var things: Set<DeviceKey> = []
        /// How many levels of the topics that were heard are not free: the narrowest line has most.
        var narrowness = 0

        var learns: Bool { text.hasPrefix(AdoptionKind.discovery.name) }
    }

    /// Topics of one form that look like those of availability, and are of no kind.
    private struct Stray {
        /// The first of them, and what it says.
        let topic: String
        let word: String
        var count = 1
    }

    /// What topics of availability are called in many places: by that alone no kind is known.
    static let commonLevels: Set<String> = [
        "status", "state", "lwt", "online", "availability", "available", "connected", "alive",
    ]
    /// How many lines are tried.
    private static let mostLines = 500
    private static let longestWord = 32
    /// How many names of a line's things are told, and how many forms of topics of no kind.
    private static let mostNames = 5
    private static let mostForms = 20

    private let topicPrefix: String
    private var candidates: [String: Candidate] = [:]
    private var strays: [String: Stray] = [:]
    /// The topics of each device that discovery messages have described.
    private var described: [DeviceKey: Set<ExactText>] = [:]

    init(_ heard: [ExactText: Learning.Heard], topicPrefix: String) {
        self.topicPrefix = topicPrefix
        var forms: [RootForm] = []
        for kind in AdoptionKind.all {
            for variant in [""] + kind.variants {
                add(kind.line(variant))
                forms += RootForm.all(of: kind, variant)
            }
        }
        // In order, so that the same topics make the same lines.
        let all = heard.map { (topic: $0.key.text, heard: $0.value) }
            .sorted { $0.topic.utf8.lexicographicallyPrecedes($1.topic.utf8) }
        for (topic, heard) in all {
            for form in forms {
                if let line = form.line(of: topic, heard.payload) { add(line) }
            }
        }
        for (topic, heard) in all { place(topic, heard) }
    }

    private mutating func add(_ text: String) {
        guard candidates[text] == nil, candidates.count < Self.mostLines,
            let line = try? AdoptionLine(text),
            let plan = try? AdoptionPlan([line], topicPrefix: topicPrefix)
        else { return }
        candidates[text] = Candidate(text: text, plan: plan)
    }

    /// Finds the line that a topic is of: of several that fit the narrowest.
    private mutating func place(_ topic: String, _ heard: Learning.Heard) {
        var fits: [(line: String, keys: [DeviceKey], narrowness: Int)] = []
        var isKnown = false
        for (text, candidate) in candidates {
            guard let message = candidate.plan.hear(topic, heard.payload) else { continue }
            let (keys, isFit) = keys(of: message, candidate.plan, heard.payload)
            isKnown = isKnown || isFit
            guard !keys.isEmpty else { continue }
            fits.append((text, keys, candidate.plan.narrowness(of: message)))
        }
        let most = fits.map(\.narrowness).max() ?? 0
        // Of several that are as narrow the one that is written shortest.
        let narrowest = fits.filter { $0.narrowness == most }
            .min { ($0.line.count, $0.line) < ($1.line.count, $1.line) }
        guard let narrowest else {
            if heard.isRetained, !isKnown { noteStray(topic, heard.payload) }
            return
        }
        candidates[narrowest.line]?.things.formUnion(narrowest.keys)
        let before = candidates[narrowest.line]?.narrowness ?? 0
        candidates[narrowest.line]?.narrowness = max(most, before)
    }

    /// The things that a message is about, and whether it says something that is understood.
    private mutating func keys(
        of heard: AdoptionPlan.Heard,
        _ plan: AdoptionPlan,
        _ payload: [UInt8]
    ) -> (keys: [DeviceKey], isFit: Bool) {
        let traits = plan.traits(of: heard.rule)
        if traits.describes {
            guard case .devices(let devices, _) = plan.description(in: heard, payload) else {
                return ([], false)
            }
            let keys = devices.map { device in
                let (user, own, _) = plan.names(of: device, by: heard.rule)
                let key = DeviceKey(user, own)
                let sources = device.availabilities.flatMap(\.sources).map(\.exactTopic)
                described[key, default: []].formUnion(sources)
                return key
            }
            return (keys, true)
        }
        guard heard.saying != .unknown, heard.saying != .nothing else { return ([], false) }
        guard traits.isThing else { return ([], true) }
        let (user, device, _) = plan.names(of: heard)
        return ([DeviceKey(user, device)], true)
    }

    /// Notes a retained message that says one of the usual words on a topic that is called as many are.
    private mutating func noteStray(_ topic: String, _ payload: [UInt8]) {
        var levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let last = levels.last, Self.commonLevels.contains(last.lowercased()),
            payload.count <= Self.longestWord, WordList.usual.read(Payload(payload)) != .unknown
        else { return }
        // The level before the last one is what differs among things of a kind.
        if levels.count > 1 { levels[levels.count - 2] = "{name}" }
        let form = levels.joined(separator: "/")
        let word = String(decoding: payload, as: UTF8.self)
        if strays[form] == nil {
            strays[form] = Stray(topic: topic, word: word)
        } else {
            strays[form]?.count += 1
        }
    }

    // MARK: - What is told

    /// The lines that fit together, the narrowest first, with comments.
    var lines: [String] {
        var lines: [String] = []
        var accepted: [AdoptionLine] = []
        for candidate in ordered {
            let things = things(of: candidate, beside: accepted)
            guard !things.isEmpty, let line = try? AdoptionLine(candidate.text) else { continue }
            lines.append("")
            if let reason = fault(of: line, beside: accepted) {
                lines.append("# adopt \(candidate.text): \(reason)")
            } else {
                accepted.append(line)
                lines.append("adopt \(candidate.text)")
            }
            lines.append("#   \(things.count.of("thing")): \(names(things))")
        }
        if lines.isEmpty { lines = ["", "# nothing of a kind that is known"] }
        return lines + strayLines(beside: accepted)
    }

    /// What describes itself comes last, for other lines may read its topics already.
    private var ordered: [Candidate] {
        candidates.values.filter { !$0.things.isEmpty }.sorted { one, two in
            if one.learns != two.learns { return two.learns }
            return (-one.narrowness, one.text) < (-two.narrowness, two.text)
        }
    }

    /// A line's things, without those that describe topics which other lines read.
    private func things(of candidate: Candidate, beside accepted: [AdoptionLine]) -> [DeviceKey] {
        guard candidate.learns,
            let plan = try? AdoptionPlan(accepted, topicPrefix: topicPrefix)
        else { return candidate.things.sorted() }
        return candidate.things.filter { key in
            described[key]?.contains { !plan.reads($0.text) && !plan.isOwn($0.text) } ?? true
        }.sorted()
    }

    private func fault(of line: AdoptionLine, beside accepted: [AdoptionLine]) -> String? {
        do throws(AdoptionPlanError) {
            _ = try AdoptionPlan(accepted + [line], topicPrefix: topicPrefix)
            return nil
        } catch {
            return error.problems.first?.reason ?? "it does not go with the others"
        }
    }

    private func names(_ things: [DeviceKey]) -> String {
        let isShared = Set(things.map(\.user)).count < things.count
        let names = things.prefix(Self.mostNames).map { key in
            (isShared ? "\(key.user)/\(key.device)" : key.user.text).onOneLine
        }
        return names.joined(separator: ", ") + (things.count > Self.mostNames ? " ..." : "")
    }

    private func strayLines(beside accepted: [AdoptionLine]) -> [String] {
        guard !strays.isEmpty else { return [] }
        var lines = ["", "# retained words of availability, it seems, of no kind that is known:"]
        let all = strays.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        for (form, stray) in all.prefix(Self.mostForms) {
            var text = "#   \(stray.topic.onOneLine) says \(stray.word.onOneLine)"
            if stray.count > 1 { text += ", and \(stray.count - 1) more like it" }
            if !form.contains(" "), let line = try? AdoptionLine("topic=\(form)"),
                fault(of: line, beside: accepted) == nil
            {
                text += ": adopt topic=\(form)"
            }
            lines.append(text)
        }
        if all.count > Self.mostForms {
            lines.append("#   and \((all.count - Self.mostForms).of("form")) of topics more")
        }
        return lines
    }
}

extension AdoptionKind {
    /// A line for things of this kind.
    fileprivate func line(_ variant: String) -> String {
        [name, variant, needsTTL ? "ttl=2h" : ""].filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension String {
    /// A text of others, fit for one line.
    fileprivate var onOneLine: String {
        let scalars = unicodeScalars.prefix(120).map { scalar in
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            return isControl || [0x2028, 0x2029].contains(scalar.value) ? "?" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
