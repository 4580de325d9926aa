/// A message on a topic that was adopted.
public struct AdoptedMessage: Hashable, Sendable {
    /// The topic.
    public var topic: String
    /// The payload as it came; empty where the topic was emptied.
    public var payload: [UInt8]
    /// Whether it was retained and a subscription found it; it has no date then.
    public var isFound: Bool
    /// The reading that found it alone; `nil` for what came by the lasting subscription.
    public var reading: ReadingID?

    /// A message as it came.
    public init(topic: String, payload: [UInt8], isFound: Bool, reading: ReadingID? = nil) {
        self.topic = topic
        self.payload = payload
        self.isFound = isFound
        self.reading = reading
    }
}
