/// The plugin in the broker, as a connection has found it: whether it passes events on to many
/// watchers by itself.
struct BrokerPlugin {
    private enum State {
        /// Nobody has asked, or nobody has answered.
        case absent
        /// The broker was asked, and has acknowledged nothing.
        case asked
        /// The plugin has answered.
        case present
    }

    /// How many connections may end with the question open.
    ///
    /// A broker may close a connection for a topic that it does not want. Another time something
    /// else may have ended it, so once proves nothing.
    private static let patience = 3

    private var state = State.absent
    private var endedOpen = 0

    /// Whether it is there.
    var isPresent: Bool { state == .present }

    /// Whether it is not asked for any more.
    var isGivenUp: Bool { endedOpen >= Self.patience }

    /// A connection begins; returns whether to ask on it.
    ///
    /// - Parameter mayAsk: Whether that is wanted, and can be.
    mutating func connect(mayAsk: Bool = true) -> Bool {
        if state == .asked { endedOpen += 1 }
        let asks = mayAsk && !isGivenUp
        state = asks ? .asked : .absent
        return asks
    }

    /// The plugin has answered.
    mutating func answer() { state = .present }

    /// The broker has acknowledged what was sent to the plugin, be there one or not; returns whether
    /// one that was there is lost.
    ///
    /// mosquitto acknowledges the question before the plugin answers.
    mutating func acknowledge(isFailure: Bool) -> Bool {
        let wasPresent = isPresent
        if state == .asked {
            endedOpen = 0
            state = .absent
        }
        if isFailure { state = .absent }
        return wasPresent && isFailure
    }
}
