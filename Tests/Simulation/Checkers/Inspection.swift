import PresenceCore

/// Reads a history once, and has every checker read it.
///
/// Only the first breaches are kept: what comes after them is mostly their consequence.
package struct Inspection {
    /// The first breaches, each as `<rule>: <sentence> at <virtual time>`.
    package private(set) var breaches: [String] = []
    /// How many there were, with those that were not kept.
    package private(set) var count = 0
    /// What the history came by.
    package var coverage: Coverage { reader.coverage }
    private var reader = CoverageReader()
    private var checkers: [any Checker]
    private let most: Int
    private var found: [String] = []

    /// An inspection by all checkers that keeps so many breaches.
    package init(_ limits: CheckedLimits = CheckedLimits(), keeping most: Int = 20) {
        self.init(Checkers.all(limits), keeping: most)
    }

    /// An inspection by some checkers.
    package init(_ checkers: [any Checker], keeping most: Int = 20) {
        self.checkers = checkers
        self.most = most
    }

    /// Reads the next entry.
    package mutating func read(_ entry: Entry) {
        for index in checkers.indices {
            checkers[index].read(entry, &found)
            if !found.isEmpty { keep(type(of: checkers[index]).rule, entry.time) }
        }
        reader.read(entry)
    }

    /// Reads a history.
    package mutating func read(_ history: [Entry]) {
        for entry in history { read(entry) }
    }

    private mutating func keep(_ rule: String, _ time: Instant) {
        count += found.count
        for sentence in found.prefix(max(0, most - breaches.count)) {
            breaches.append("\(rule): \(sentence) at \(Self.text(of: time))")
        }
        found.removeAll()
    }

    /// Virtual time for people: seconds of uptime.
    package static func text(of time: Instant) -> String {
        let rest = String(1_000 + time.uptime % 1_000).dropFirst()
        return "\(time.uptime / 1_000).\(rest) s"
    }
}
