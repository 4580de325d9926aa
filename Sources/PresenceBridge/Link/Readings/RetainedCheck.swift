/// Whether the broker sends retained messages to a subscription with a wildcard, which MQTT wants and
/// not every broker does: the bridge has just retained a message of its own, and must find it.
///
/// A broker may need a moment for it, and its ACL may hide it. So what is not found is looked for once
/// more, and then by its exact topic: only what is found there, and there alone, proves anything.
struct RetainedCheck {
    /// What is subscribed to.
    enum Look: Equatable {
        case wildcard
        case again
        case exact
    }

    /// What follows when everything that the look has brought is there.
    enum Outcome: Equatable {
        case sound
        case lookOn
        /// The broker keeps the message, and does not send it to a wildcard.
        case unfit
    }

    /// In which way it is looked for; `nil` when that is over.
    private(set) var look: Look? = .wildcard
    private var isFound = false

    mutating func find() { isFound = true }

    /// A subscription begins: what was found before does not count.
    mutating func begin() { isFound = false }

    mutating func end() -> Outcome {
        switch (look, isFound) {
        case (nil, _): return .sound
        case (.exact, true): return .unfit
        case (.wildcard, true), (.again, true), (.exact, false):
            look = nil
            return .sound
        case (.wildcard, false): look = .again
        case (.again, false): look = .exact
        }
        return .lookOn
    }
}
