/// When the broker sends the retained messages that a filter matches.
public enum RetainHandling: Int32, Hashable, Sendable {
    /// At every SUBSCRIBE.
    case send = 0
    /// Only when the subscription is new.
    case sendIfNew = 1
    /// Never.
    case doNotSend = 2
}
