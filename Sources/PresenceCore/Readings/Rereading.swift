import Presence

/// Whether everything is read once more, right after it was read.
///
/// A broker writes all that is retained at one go, and drops what its queue for the bridge does not
/// hold. A reading was cut if its end was lost, or if it lacked a topic that was there when asked for
/// alone. One in the midst of a connection, which is done because something may have been missed, may
/// also have been cut if it brought news.
///
/// After the first one that was cut the names of all topics are listed instead, and what the reading
/// lacked is asked for alone. Where that cannot be done everything is read again and again: each reading
/// gets further if the bridge takes it while the broker writes, since what is known costs less.
///
/// A broker that is proved to send only so many retained messages gives each reading as many: there the
/// loss of a marker alone says that more was dropped.
struct Rereading: Hashable, Sendable {
    /// How many readings there are at most, one after the other.
    static let most = 12
    /// A reading that takes no longer costs the broker little, in milliseconds.
    static let short: Int64 = 2_000

    /// The reading, or the confirmation of what it lacked.
    private(set) var current: ReadingID = 0
    private var began: Int64 = 0
    private var isAtConnection = false
    private var isCut = false
    private var lacks = false
    private var news = 0
    /// Whether the broker sends only so many retained messages, as far as is proved.
    private var isLimited = false
    /// How many there were, one after the other.
    private(set) var round = 0
    /// Whether the names are being listed, or what they showed to be lacking is asked for alone.
    private(set) var isListing = false
    /// Whether they were listed since the first of these readings.
    private var hasListed = false
    /// How long the reading took before that, in milliseconds.
    private var took: Int64 = 0

    mutating func begin(_ id: ReadingID, isAtConnection: Bool, at now: Instant) {
        current = id
        began = now.uptime
        self.isAtConnection = isAtConnection
        (isCut, lacks, news) = (false, false, 0)
        isListing = false
        if isAtConnection { (round, hasListed) = (0, false) }
    }

    /// The names of all topics are listed.
    mutating func beginListing(_ id: ReadingID) {
        current = id
        isCut = false
        (isListing, hasListed) = (true, true)
    }

    /// What it lacked is asked for alone.
    mutating func goOn(from id: ReadingID, to confirmation: ReadingID) {
        if current == id { current = confirmation }
    }

    mutating func cut(_ id: ReadingID) {
        if current == id { isCut = true }
    }

    /// It lacked something that was found when it was asked for alone.
    mutating func lack(_ id: ReadingID) {
        if current == id { lacks = true }
    }

    /// The broker is proved to send only so many retained messages.
    mutating func limit() { isLimited = true }

    /// It brought something that was not known.
    mutating func findNews() { news += 1 }

    /// What follows one of these readings.
    enum Sequel: Hashable {
        case nothing
        /// Everything is read once more, after so many milliseconds.
        case again(after: Int64)
        /// The names of all topics are listed.
        case names
    }

    /// It is over; returns what follows.
    ///
    /// - Parameter isListable: Whether a list of names may have more than what is known.
    mutating func follow(_ id: ReadingID, isListable: Bool, at now: Instant) -> Sequel {
        guard current == id else { return .nothing }
        current = 0
        if isListing {
            isListing = false
            return isCut ? again() : rest()
        }
        took = now.uptime - began
        let isProved = isCut || (lacks && !isLimited)
        let mayLack = news > 0 && !isAtConnection && took < Self.short && !isLimited
        guard isProved || mayLack else { return rest() }
        return isProved && isListable && !isLimited && !hasListed ? .names : again()
    }

    private mutating func again() -> Sequel {
        guard round < Self.most else { return rest() }
        round += 1
        // A long one is hard on the broker: no more than a tenth of the time goes into them.
        return .again(after: took < Self.short ? 0 : 10 * took)
    }

    private mutating func rest() -> Sequel {
        (round, hasListed) = (0, false)
        return .nothing
    }
}
