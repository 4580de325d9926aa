import Presence

extension Device {
    /// What hearing a statement led to.
    enum Hearing: Hashable {
        /// The will of an old connection: the statement before it is to be put back.
        case stale
        /// A grace has begun.
        case departing
        /// Anything else.
        case heard
    }

    /// What came due at a moment.
    enum Due: Hashable {
        /// Nothing.
        case nothing
        /// The device counts as gone now.
        case gone(Departure)
        /// Its topic had the will of another connection, and it has not spoken since.
        case silent(Departure)
        /// A hidden device has broken its promise, which nobody can see.
        case lapsed
        /// The device has been hidden so long that it is forgotten.
        case forgotten
    }

    /// What the store knows of it, apart from when it spoke.
    struct Noted: Hashable {
        var statement: Statement
        var shown: StatusWord?
        var epoch: Int64
    }
}
