/// Whether the broker limits what a reading brings.
///
/// Such a broker sends only so many retained messages to a subscription with a wildcard, and says
/// nothing of the others. ejabberd sends 1,000 unless it is set to another number.
///
/// A number that people set as limits is a suspicion, and so is a device that is found alone and was
/// not among all. The proof: the bridge retains some ``additions`` of its own below the same wildcard
/// and reads it again. With a limit there are as many as before; without one there are more.
///
///     beginReading ──▶ endReading ──suspicion──▶ add ──▶ count ──▶ end
///
/// What goes meanwhile could hide what was added, so nothing is proved where a topic was emptied.
/// Statements that come meanwhile may be counted, too, and then nothing is proved until the next
/// reading.
struct LimitCheck {
    /// How many messages are retained for the proof: more than may expire unseen within a moment.
    static let additions = 5

    private enum State {
        /// Everything is being read, and so much has come.
        case reading(Int)
        /// Everything was read: so much.
        case read(Int)
        /// What was read is compared, and the additions are on their way.
        case adding(Int)
        case counting(before: Int, now: Int)
        /// There is nothing to find out until everything is read again.
        case idle
    }

    private var state = State.idle
    private var hasEmptied = false

    var isAdding: Bool {
        switch state {
        case .adding, .counting: true
        case .reading, .read, .idle: false
        }
    }

    /// Everything is about to be read.
    ///
    /// A reading that begins while the proof is under way is the one that proves, or comes behind it.
    mutating func beginReading() {
        if !isAdding { (state, hasEmptied) = (.reading(0), false) }
    }

    mutating func hear(isRetained: Bool, isEmpty: Bool) {
        if isEmpty { hasEmptied = true }
        guard isRetained, !isEmpty else { return }
        switch state {
        case .reading(let count): state = .reading(count + 1)
        case .counting(let before, let now): state = .counting(before: before, now: now + 1)
        case .read, .adding, .idle: break
        }
    }

    /// Everything has been read; returns whether that may be a limit, so that the additions are to be
    /// retained.
    mutating func endReading() -> Bool {
        guard case .reading(let count) = state else { return false }
        state = .read(count)
        return Self.isLimit(count) && add()
    }

    /// A device was found alone that was not among all; returns whether the additions are to be
    /// retained.
    mutating func findMissing() -> Bool { add() }

    private mutating func add() -> Bool {
        guard case .read(let count) = state, count > 0, !hasEmptied else { return false }
        state = .adding(count)
        return true
    }

    /// The additions are with the broker; returns whether what is read from now on proves something.
    mutating func count() -> Bool {
        guard case .adding(let before) = state else { return false }
        state = .counting(before: before, now: 0)
        return true
    }

    /// Everything has been read again; returns the limit, if one is proved.
    mutating func end() -> Int? {
        defer { if isAdding { state = .idle } }
        guard case .counting(let before, let now) = state else { return nil }
        return before == now && !hasEmptied ? now : nil
    }

    static func complaint(of limit: Int) -> String {
        """
        the broker sends no more than \(limit) retained messages to a subscription with a \
        wildcard, so this bridge does not find every device that is there: it asks alone for \
        those that it knows, and learns of others when they state themselves again. ejabberd: \
        set match_retained_limit: infinity for mod_mqtt
        """
    }

    /// Whether somebody may have set this number: of hundreds with two digits before the zeros, or a
    /// power of two.
    private static func isLimit(_ count: Int) -> Bool {
        guard count >= 100 else { return false }
        if count.nonzeroBitCount == 1 { return true }
        guard count.isMultiple(of: 100) else { return false }
        var digits = count
        while digits.isMultiple(of: 10) { digits /= 10 }
        return digits < 100
    }
}
