/// A subscription that a client can do without.
///
/// Most brokers answer with a refusal when they do not want one, and some end the connection. So
/// after two connections in a row that ended with the question unanswered it is not asked any more.
struct OptionalSubscription {
    private var packet: Int32?
    private var losses = 0

    var isWanted: Bool { losses < 2 }

    /// It was asked for, by this packet; `nil` when the packet could not be sent.
    mutating func asked(_ packet: Int32?) { self.packet = packet }

    /// A subscription was answered, whatever the answer was.
    mutating func answered(_ packet: Int32) {
        guard packet == self.packet else { return }
        self.packet = nil
        losses = 0
    }

    mutating func connectionEnded() {
        if packet != nil { losses += 1 }
        packet = nil
    }
}
