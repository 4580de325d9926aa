import Logging
import Mosquitto
import PresenceCore

/// What the values of a session want done, in this order.
///
/// They see no more of the link than this.
struct Pending {
    /// What is wanted.
    enum Step: Equatable {
        /// Publish, behind what waits.
        case publish(Message)
        /// Publish an answer, behind what waits.
        case answer(Message)
        /// Go on publishing: what had to wait has to wait no more.
        case goOn
        /// Anything that waits for nothing.
        case order(LinkOrder)
    }

    private var steps: [Step] = []

    /// Publish, behind what waits.
    mutating func publish(_ message: Message) { steps.append(.publish(message)) }

    /// Publish an answer, behind what waits.
    mutating func answer(_ message: Message) { steps.append(.answer(message)) }

    /// Go on publishing: what had to wait has to wait no more.
    mutating func goOn() { steps.append(.goOn) }

    /// Publish past everything that waits.
    mutating func publishAhead(_ message: Message) { send(.publishAhead(message)) }

    /// Subscribe.
    mutating func subscribe(_ subscription: Subscription) { send(.subscribe(subscription)) }

    /// Subscribe to filters as long as the connection lasts.
    mutating func subscribe(_ filters: [String], _ lasting: Subscription.Lasting) {
        subscribe(Subscription(filters, lasting))
    }

    /// Unsubscribe from any number of filters.
    mutating func unsubscribe(_ filters: [String]) {
        for start in stride(from: 0, to: filters.count, by: LinkBounds.filtersPerPacket) {
            send(.unsubscribe(Array(filters[start...].prefix(LinkBounds.filtersPerPacket))))
        }
    }

    /// Disconnect after what is queued.
    mutating func disconnect(_ reason: ReasonCode) { steps.append(.order(.disconnect(reason))) }

    /// Tell the core.
    mutating func tell(_ input: Input) { steps.append(.order(.tell(input))) }

    /// Write a line to the log.
    mutating func log(_ level: Logger.Level, _ line: String) {
        steps.append(.order(.log(level, line)))
    }

    private mutating func send(_ packet: LinkPacket) { steps.append(.order(.send(packet))) }

    /// Takes all of it, oldest first.
    mutating func take() -> [Step] {
        var taken: [Step] = []
        swap(&taken, &steps)
        return taken
    }
}
