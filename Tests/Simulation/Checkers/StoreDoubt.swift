/// Whether what is told now is also stored.
///
/// While the store refuses writes, what devices do is told all the same, and is made up for in the
/// store later. A bridge that dies before that has told what its successor does not know: of that
/// nothing can be demanded.
struct StoreDoubt: Sendable {
    /// Whether the last try to store something failed.
    private(set) var isOpen = false
    /// Whether what is stored is another bridge's doing than what is told.
    private var isTaken = false

    /// What a thing that happened means to the doubt.
    enum Turn {
        /// Nothing.
        case none
        /// All that was told is stored.
        case settled
        /// What was told in doubt may be lost for good.
        case lost
    }

    /// Reads what happened.
    mutating func read(_ event: Entry.Event) -> Turn {
        switch event {
        case .storeRefused:
            isOpen = true
            return .none
        case .storeTaken:
            isTaken = true
            return .none
        case .bridgeStarted:
            isTaken = false
            return .none
        case .stored where !isTaken:
            isOpen = false
            return .settled
        case .bridgeEnded:
            defer { isOpen = false }
            return isOpen ? .lost : .none
        default: return .none
        }
    }
}
