/// One step by which the stored change log changes.
public enum LogStep: Hashable, Sendable {
    /// Adds a row, or replaces the one with its id.
    case put(LoggedChange)
    /// Takes away all rows of a user with this id or a lower one.
    case erase(Name, through: Int64)
    /// Says what the last id is that was given out. Of the log's rows a store replays this alone.
    case end(Int64)
    /// Says how far a webhook's receiver is.
    case putWebhook(WebhookPosition)
    /// Forgets the webhook of a URL.
    case removeWebhook(String)
}
