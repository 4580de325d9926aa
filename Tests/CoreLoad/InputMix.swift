/// Of a hundred or a thousand inputs, how many are of which kind.
package struct InputMix: Hashable, Sendable {
    /// What comes in.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// A device says what it said before, as its ttl makes it do.
        case renewal
        /// A device says another word.
        case word
        /// A device that was not online comes.
        case birth
        /// A device goes: by a logout, by its will, or without a word.
        case end
        /// One asks for the status of another user.
        case get
        /// One asks which of twenty users are online.
        case brief
        /// One has a new description.
        case publish
        /// One subscribes to three users.
        case subscribe
        /// One that subscribed to three users takes it back.
        case unsubscribe
    }

    private var kinds: [Kind] = []

    /// Inputs of these kinds, so many of each.
    package init(_ parts: KeyValuePairs<Kind, Int>) {
        for (kind, count) in parts {
            kinds += Array(repeating: kind, count: count)
        }
    }

    /// What a service for people gets all day.
    ///
    /// A device with a ttl of a minute speaks every twenty seconds, changes its word every five
    /// minutes, and is on for fourteen; its user asks something every two.
    package static let usual = InputMix([
        .renewal: 700, .word: 50, .birth: 20, .end: 20,
        .get: 100, .brief: 30, .publish: 10, .subscribe: 35, .unsubscribe: 35,
    ])

    /// The kind of the next input.
    func draw(_ random: inout some RandomNumberGenerator) -> Kind {
        kinds[Int.random(in: kinds.indices, using: &random)]
    }
}
