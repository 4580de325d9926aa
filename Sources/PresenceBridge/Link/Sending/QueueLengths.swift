/// How much waits to be sent.
struct QueueLengths: Hashable, Sendable {
    /// Publishes that wait for the broker.
    var waiting: Int
    /// How many of them are answers.
    var answers: Int
    /// Publishes that the broker has not acknowledged.
    var onTheirWay: Int
}
