/// The list of a user's subscriptions while it is read, page by page; from the beginning again when
/// it changes meanwhile.
package struct SubscriptionReading {
    /// How many subscriptions a page has at most.
    package static let size = 500
    private static let mostTries = 10

    private var all: SubscriptionPage?
    private var next = 0
    private var tries = 0

    /// What there is to do after a page.
    package enum Step: Hashable {
        /// Read the page of this number.
        case read(Int)
        /// This is the list.
        case done(SubscriptionPage)
        /// It never came whole.
        case failed
    }

    /// Nothing is read yet; the first page is that of number 0.
    package init() {}

    /// Takes the page that was to be read.
    package mutating func take(_ page: SubscriptionPage) -> Step {
        var list = all ?? page
        guard page.total == list.total else { return again() }
        if all != nil { list.entries += page.entries }
        all = list
        if list.entries.count == list.total { return .done(list) }
        // A page without entries would lead to another one without end.
        guard list.entries.count < list.total, !page.entries.isEmpty else { return again() }
        next += 1
        return .read(next)
    }

    private mutating func again() -> Step {
        tries += 1
        guard tries < Self.mostTries else { return .failed }
        all = nil
        next = 0
        return .read(0)
    }
}
