/// The oracle of adopted things: what each is by what was said to the broker, told over again in the most
/// naive way.
///
/// Nobody can ask such a thing anything. So there is more of which nobody can say what it is than with devices, and
/// ``judge(_:at:_:)`` is where each such case stands, with its reason.
package struct AdoptedTruth {
    /// What was said on a topic.
    private struct Voice {
        /// The last word; `nil` where there was none, or the topic was emptied.
        var word: String?
        /// When that came, in milliseconds of uptime.
        var stated: Int64 = 0
        /// When words came since the broker's start.
        var spoken: [Int64] = []
        /// When its topic was emptied last, since the broker's start.
        var emptied: Int64?
        /// When something came last that is no word, and stays there.
        var garbled: Int64?
        /// Whether the broker came back with something else there than was said last.
        var isOutdated = false
        /// Whether the broker was killed after it had been told of the bridge's end, and nothing was said since:
        /// what it had kept then looks like what was said since, as with things on the protocol's topics.
        var mayBeGhost = false
        /// When the last sign of life came.
        var lived: Int64 = 0
        /// Until which Unix second it sleeps, and when it said so.
        var sleeps: Sleep?
        /// What was retained there last.
        var kept: [UInt8] = []
    }

    private struct Sleep {
        /// The Unix second.
        var until: Int64
        /// When it said so, in milliseconds of uptime.
        var said: Int64
        /// Whether it was awake since, though what it said stands there all the same.
        var isOver = false
        /// Whether the broker came back without it.
        var isLost = false
    }

    /// What can be said of a thing.
    package enum Verdict: Hashable, Sendable {
        case online(String)
        case away
        /// It is the one or the other, and nobody can say which.
        case open
    }

    private let things: [AdoptedThing]
    private var voices: [String: Voice] = [:]
    /// Which topics stand for which others: signs, and where it is said until when somebody sleeps.
    private var sides: [String: String] = [:]
    /// When the wall clock was set, in milliseconds of uptime.
    private var clockSteps: [Int64] = []
    /// What holds for things since the broker's last start; `nil` but for a season of its own.
    private var plain: PlainTruth?

    package init(_ things: [AdoptedThing]) {
        self.things = things
        for thing in things {
            voices[thing.topic] = Voice()
            for side in [thing.signs, thing.sleeps] {
                if let side { sides[side] = thing.topic }
            }
        }
    }

    /// The thing that a topic is about.
    func thing(of topic: String) -> AdoptedThing? {
        let main = sides[topic] ?? topic
        return things.first { $0.topic == main }
    }

    // MARK: - What happens

    /// A program, or its will, has published something, and the broker took it.
    @discardableResult
    package mutating func hear(
        _ topic: String,
        _ payload: [UInt8],
        isRetained: Bool,
        at uptime: Int64
    ) -> AdoptedSaying? {
        guard let thing = thing(of: topic), var voice = voices[thing.topic] else { return nil }
        defer { voices[thing.topic] = voice }
        guard topic != thing.signs else {
            voice.lived = uptime
            return .alive
        }
        let saying = AdoptedSaying(payload)
        if topic == thing.sleeps {
            if case .sleeps(let until) = saying { voice.sleeps = Sleep(until: until, said: uptime) }
            if saying == .removed { voice.sleeps = nil }
            return saying
        }
        if isRetained { voice.kept = payload }
        switch saying {
        case .on(let word):
            voice.word = word
            voice.lived = uptime
            voice.sleeps?.isOver = true
        case .lost, .ended: voice.word = nil
        case .removed:
            voice.word = nil
            voice.emptied = uptime
        case .garbage, .sleeps, .alive:
            if isRetained { voice.garbled = uptime }
            return .garbage
        }
        voice.stated = uptime
        voice.spoken.append(uptime)
        voice.mayBeGhost = false
        if isRetained || !thing.isRetained { (voice.garbled, voice.isOutdated) = (nil, false) }
        return saying
    }

    /// The broker has begun to run, with what it had kept.
    ///
    /// - Parameters:
    ///   - wasKilled: whether it had ended without sending its wills.
    ///   - toldOfEnd: whether it had been told of the bridge's end before that, or never knew of it.
    package mutating func brokerStarted(
        wasKilled: Bool,
        toldOfEnd: Bool,
        _ kept: (String) -> [UInt8]?
    ) {
        for thing in things {
            guard var voice = voices[thing.topic] else { continue }
            (voice.spoken, voice.emptied) = ([], nil)
            if let note = thing.sleeps, kept(note)?.isEmpty ?? true { voice.sleeps?.isLost = true }
            let found = kept(thing.topic) ?? []
            if thing.isRetained, found != voice.kept {
                voice.isOutdated = true
                voice.kept = found
            }
            if wasKilled { voice.mayBeGhost = toldOfEnd && thing.isRetained && !found.isEmpty }
            voices[thing.topic] = voice
        }
    }

    package mutating func clockStepped(at uptime: Int64) { clockSteps.append(uptime) }

    package mutating func plain(_ truth: PlainTruth) { plain = truth }

    // MARK: - What is so

    /// What each thing is, by user and device, and those of which nobody can say.
    ///
    /// - Parameter truth: What is known of devices has when the bridge was there to hear.
    package func devices(
        at uptime: Int64,
        second: Int64,
        _ truth: Truth
    ) -> (online: [String: [String: String]], unsure: Set<String>) {
        let attention = truth.attention
        var online: [String: [String: String]] = [:]
        var unsure: Set<String> = []
        for thing in things {
            online[thing.user, default: [:]] = online[thing.user] ?? [:]
            switch judge(thing, at: uptime, second: second, attention) {
            case .online(let word): online[thing.user]?[thing.device] = word
            case .away: break
            case .open: unsure.insert("\(thing.user)/\(thing.device)")
            }
        }
        return (online, unsure)
    }

    private func judge(
        _ thing: AdoptedThing,
        at uptime: Int64,
        second: Int64,
        _ attention: Attention
    ) -> Verdict {
        guard let voice = voices[thing.topic] else { return .away }
        if let open = hidden(voice, thing, at: uptime, attention) { return open }
        if let gateway = thing.gateway, let above = voices[gateway] {
            return judge(voice, thing, behind: above, gateway, at: uptime, attention)
        }
        guard let word = voice.word else {
            if voice.mayBeGhost, voice.isOutdated { return .open }
            return asleep(voice, thing, at: uptime, second: second, attention)
        }
        let verdict = judge(word, voice, thing, attention)
        guard let ttl = thing.ttl, verdict != .away else { return verdict }
        return judge(promise: ttl, voice, verdict, at: uptime, attention)
    }

    /// What was said last cannot be known, since nobody listened and it stands nowhere.
    private func hidden(
        _ voice: Voice,
        _ thing: AdoptedThing,
        at uptime: Int64,
        _ attention: Attention
    ) -> Verdict? {
        if voice.garbled != nil {
            // Something that is no word lies over it: a bridge that has not heard it, or has been started
            // since, cannot find it.
            let span = voice.stated...max(voice.stated, uptime) + Attention.patience
            if attention.isTroubled(span) { return .open }
        }
        guard !thing.isRetained else { return nil }
        return voice.stated > 0 && attention.mayMiss(voice.stated) ? .open : nil
    }

    /// A thing with a connection of its own.
    private func judge(
        _ word: String,
        _ voice: Voice,
        _ thing: AdoptedThing,
        _ attention: Attention
    ) -> Verdict {
        guard voice.stated >= attention.brokerStarted else {
            // It has not come back.
            return voice.mayBeGhost ? .open : .away
        }
        // A sign of life that was heard is as good as a word.
        if voice.lived > voice.stated, !attention.mayMiss(voice.lived) { return .online(word) }
        let since = attention.epoch.since
        if thing.isRetained, let plain,
            let verdict = plain.verdict(thing.user, voice.stated, knownSince: since)
        {
            switch verdict {
            case .counts: return .online(word)
            case .doesNot: return .away
            case .open: return .open
            }
        }
        // What came before the bridge knew of the restart looks like a copy from before it.
        guard voice.stated >= since else { return .open }
        // Of what was missed since, a reading finds what may be that copy, too.
        let isHeard = voice.spoken.contains { $0 >= since && !attention.mayMiss($0) }
        // What was forgotten is not looked for: nothing but its next word tells of it.
        if let emptied = voice.emptied,
            !voice.spoken.contains(where: { $0 > emptied && !attention.mayMiss($0) })
        {
            return .open
        }
        return isHeard || attention.epoch.number <= 1 ? .online(word) : .open
    }

    /// A thing behind a gateway: it is there while both are.
    private func judge(
        _ voice: Voice,
        _ thing: AdoptedThing,
        behind above: Voice,
        _ gateway: String,
        at uptime: Int64,
        _ attention: Attention
    ) -> Verdict {
        guard let source = things.first(where: { $0.topic == gateway }) else { return .away }
        if let open = hidden(above, source, at: uptime, attention) {
            return voice.word == nil && !voice.isOutdated ? .away : open
        }
        let verdict = above.word.map { judge($0, above, source, attention) } ?? .away
        switch verdict {
        case .away: return .away
        case .open: return voice.word == nil && !voice.isOutdated ? .away : .open
        case .online:
            // It is believed by what the broker has of it, and that is older than what it said.
            if voice.isOutdated { return .open }
            return voice.word.map { .online($0) } ?? .away
        }
    }

    /// A thing that has gone, and sleeps if it has said so.
    private func asleep(
        _ voice: Voice,
        _ thing: AdoptedThing,
        at uptime: Int64,
        second: Int64,
        _ attention: Attention
    ) -> Verdict {
        guard let sleeps = voice.sleeps, thing.sleeps != nil, voice.stated > 0 else { return .away }
        // Who sets the clock takes the time away by which it should wake.
        if clockSteps.contains(where: { $0 >= sleeps.said }) { return .open }
        let left = sleeps.until + 120 - second
        if abs(left) <= 5 { return .open }
        guard left > 0 else { return .away }
        // It was taken away, or the broker has lost that it sleeps.
        if voice.isOutdated || voice.kept.isEmpty || sleeps.isLost { return .open }
        // Nobody listened: what is found may be an old copy, or of an earlier sleep.
        let isHeard = !attention.mayMiss(voice.stated) && !attention.mayMiss(sleeps.said)
        return !isHeard ? .open : sleeps.isOver ? .away : .online("sleeping")
    }

    /// A thing that must say something again and again.
    ///
    /// While the bridge does not listen it cannot break its promise: that begins anew then.
    private func judge(
        promise ttl: Int64,
        _ voice: Voice,
        _ verdict: Verdict,
        at uptime: Int64,
        _ attention: Attention
    ) -> Verdict {
        var begun = voice.lived
        for trouble in attention.troubles(since: voice.lived)
        where trouble.lowerBound <= begun + ttl {
            begun = max(begun, trouble.upperBound)
        }
        let left = begun + ttl - uptime
        // Some of its signs may have been missed, and its promise begun anew.
        let isLate = uptime - voice.lived >= ttl - Attention.patience
        if left > -Attention.patience, isLate { return .open }
        return left > 0 ? verdict : .away
    }
}
