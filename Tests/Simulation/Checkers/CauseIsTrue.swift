import PresenceCore

/// An adopted thing is gone for the cause that it had: its own word, its gateway's, its silence, or a restart of
/// the broker.
///
/// Read of users who are one adopted thing and nothing else. Permitted is any cause where the broker was started
/// since the thing, or its gateway, was heard to say that it is there: what is found then may be older.
package struct CauseIsTrue: Checker {
    package static let rule = "an adopted thing is gone for the cause that it had"

    /// How much later than its cause a status may be, when a newer word has come meanwhile, in milliseconds.
    private static let patience: Int64 = 10_000

    private struct Voice {
        var on: Int64 = 0
        /// When it said that while the bridge served.
        var onHeard: Int64 = 0
        /// The causes that were said, and when.
        var gone: [(cause: String, time: Int64)] = []
    }

    private var things: [String: AdoptedThing] = [:]
    /// Users who have devices, too.
    private var others: Set<String> = []
    private var voices: [String: Voice] = [:]
    private var online: Set<String> = []
    private var brokerStarted: Int64 = 0
    private var epoch: Int64 = 0
    private var isServing = false

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        let uptime = entry.time.uptime
        switch entry.event {
        case .adopted(let all):
            for thing in all {
                let other = things.updateValue(thing, forKey: thing.user)
                if other != nil { others.insert(thing.user) }
            }
        case .stated(let user, _, _, _, _): others.insert(user)
        case .brokerStarted: brokerStarted = uptime
        case .bridgeStarted, .bridgeCutOff, .bridgeEnded, .fault(.bridgePartitioned):
            isServing = false
        case .bridgeServes(let epoch):
            isServing = true
            // It may take the clock's being set for a restart.
            if epoch > self.epoch { brokerStarted = uptime }
            self.epoch = epoch
        case .published(let seen): note(seen, at: uptime)
        case .status(let user, let status):
            let wasOnline = online.remove(user) != nil
            if status?.online == true { online.insert(user) }
            // What is written at a connection may be of long before.
            guard isServing, wasOnline, let status, !status.online, let cause = status.cause,
                let thing = things[user], !others.contains(user),
                !isTrue(cause, of: thing, at: uptime)
            else { return }
            breaches.append("\(user) is told gone by \(cause), and nothing was said of that")
        default: break
        }
    }

    private mutating func note(_ seen: AdoptedSeen, at uptime: Int64) {
        switch seen.saying {
        case .on:
            voices[seen.thing.topic, default: Voice()].on = uptime
            if isServing { voices[seen.thing.topic]?.onHeard = uptime }
        case .lost: voices[seen.thing.topic, default: Voice()].gone.append(("lost", uptime))
        case .ended, .removed:
            voices[seen.thing.topic, default: Voice()].gone.append(("logout", uptime))
        case .sleeps, .alive, .garbage: break
        }
    }

    private func isTrue(_ cause: String, of thing: AdoptedThing, at uptime: Int64) -> Bool {
        let topics = [thing.topic, thing.gateway].compactMap(\.self)
        let on = topics.map { voices[$0]?.onHeard ?? 0 }.max() ?? 0
        if brokerStarted >= on - Self.patience { return true }
        if cause == "ttl" { return thing.ttl != nil }
        // One that does not wake was lost when it went to sleep, which may be long before.
        if cause == "lost", thing.sleeps != nil { return true }
        return topics.contains { topic in
            let voice = voices[topic] ?? Voice()
            return voice.gone.contains {
                $0.cause == cause && ($0.time >= voice.on || uptime - $0.time <= Self.patience)
            }
        }
    }
}
