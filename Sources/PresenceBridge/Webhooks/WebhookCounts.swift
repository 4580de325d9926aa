/// What is counted of a webhook since the start.
package struct WebhookCounts: Hashable, Sendable {
    /// Requests that were sent.
    package var tries: Int64 = 0
    /// Requests that failed.
    package var failures: Int64 = 0
    /// Changes that were taken.
    package var taken: Int64 = 0
    /// Changes that were left out.
    package var skipped: Int64 = 0
    /// The Unix second of the oldest change that is on its way; `nil` where none is.
    package var oldest: Int64?
}
