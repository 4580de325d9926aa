import Presence

/// What a message on an adopted topic says of the thing that the topic is about.
public enum Saying: Hashable, Sendable {
    /// It is there, with a word.
    case online(StatusWord)
    /// It has vanished: its will.
    case lost
    /// It has gone in order.
    case ended
    /// The topic was emptied: the thing is no more.
    case removed
    /// It does something: a sign of life, which no gone word is.
    case alive
    /// It is known, and healthy unless it has said otherwise.
    case present
    /// It sleeps from its next gone word on, and wakes at a Unix second.
    case sleeps(until: Int64)
    /// Which gateway it stands behind, by a name on the level of its own; `nil` for none.
    case hangs(on: String?)
    /// A connection was made, at a time in milliseconds since 1970.
    case connected(Int64)
    /// The connection that was made at a time has ended: one that is older than the last says nothing.
    case disconnected(Int64, inOrder: Bool)
    /// A Sparkplug node was born, with the number of its session.
    case born(Int64?)
    /// A Sparkplug node has died, with the number of a session.
    case died(Int64?)
    /// Nothing about whether it is there.
    case nothing
    /// None of the words that are known.
    case unknown
}
