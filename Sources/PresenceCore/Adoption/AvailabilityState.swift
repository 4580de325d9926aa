import PresenceAdoption

/// What was heard of the topics by which one can tell whether entities are available, and whose entities those are.
struct AvailabilityState: Sendable {
    let what: DiscoveredAvailability
    /// What was heard last of each source.
    var states: [Bool?]
    var latest: Bool?
    /// Whose it is, sorted.
    var devices: [DiscoveredNumber] = []

    init(_ what: DiscoveredAvailability, states: [Bool?]) {
        self.what = what
        self.states = states
        latest = states.compactMap(\.self).last
    }

    /// Takes what a source says, with `nil` that its topic was emptied.
    mutating func hear(_ word: Bool?, at index: Int, isFound: Bool) {
        // What is found again is no newer than before.
        if !isFound || states[index] != word { latest = word }
        states[index] = word
        if latest == nil { latest = states.compactMap(\.self).last }
    }

    var state: Bool? {
        switch what.mode {
        case .latest: latest
        case .all:
            states.contains(false) ? false : states.allSatisfy { $0 == true } ? true : nil
        case .any:
            states.contains(true) ? true : states.contains(false) ? false : nil
        }
    }
}
