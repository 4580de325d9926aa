import Mosquitto
import Presence
import PresenceCore

/// How events are published.
struct EventOptions {
    let qos: UInt8
    /// After how many seconds the broker throws an event away; `nil` for never.
    let expiry: UInt32?
    /// The most bytes of a message to the plugin.
    let longestFanOut: Int

    /// - Parameter packet: The most bytes of a packet that the broker takes; `nil` for no limit.
    init(_ settings: Settings, packet: UInt32?) {
        let seconds = settings.eventExpiry.milliseconds / 1_000
        expiry = seconds > 0 ? UInt32(clamping: seconds) : nil
        qos = UInt8(settings.eventQoS)
        // With its topic, and what else there is in the packet, no more than the broker takes.
        let room = Int(packet ?? .max) - ControlMessage.topic.utf8.count - 16
        longestFanOut = min(settings.limits.maxMessage, room)
    }
}

/// The plugin in the broker, as a connection has found it: whether it passes events on to many
/// watchers by itself.
struct BrokerPlugin {
    private enum State {
        case absent
        case asked
        /// The plugin has answered; whether what is sent behind a fan-out can go out before it.
        case present(isOvertaken: Bool)

        var isAsked: Bool { if case .asked = self { true } else { false } }
    }

    /// How many connections may end with the question open.
    ///
    /// A broker may close a connection for a topic that it does not want. Another time something
    /// else may have ended it, so once proves nothing.
    private static let patience = 3

    /// How many ticks after the broker has acknowledged all fan-outs their end is waited for: the
    /// broker may have dropped the answer that says it.
    private static let latest = 3

    private var state = State.absent
    private var endedOpen = 0
    /// The fan-outs that were sent, and of which the plugin has not said that they are on their way.
    private var unfinished = 0
    /// Those of them that the broker has not even acknowledged.
    private var unacknowledged = 0
    private var ticks = 0

    var isPresent: Bool { if case .present = state { true } else { false } }

    /// Whether what is sent behind a fan-out can go out before it.
    var isOvertaken: Bool { if case .present(isOvertaken: true) = state { true } else { false } }

    /// Whether what comes behind a fan-out has to wait, since that may not be on its way yet.
    var isUnfinished: Bool { unfinished > 0 }

    var isGivenUp: Bool { endedOpen >= Self.patience }

    /// A connection begins; returns whether to ask on it.
    ///
    /// - Parameter mayAsk: Whether that is wanted, and can be.
    mutating func connect(mayAsk: Bool = true) -> Bool {
        if state.isAsked { endedOpen += 1 }
        forgetFanOuts()
        let asks = mayAsk && !isGivenUp
        state = asks ? .asked : .absent
        return asks
    }

    mutating func answer(isOvertaken: Bool = false) { state = .present(isOvertaken: isOvertaken) }

    /// Whether a message is one that the plugin says of when it is on its way.
    static func isFanOut(_ message: Message) -> Bool {
        message.topic == ControlMessage.topic && message.payload != ControlMessage.questionOfStated
    }

    /// Whether a message may be sent now: another fan-out, or anything once those before it are on
    /// their way.
    func maySend(_ message: Message) -> Bool {
        !isUnfinished || message.topic == ControlMessage.topic
    }

    /// Puts the watchers of a batch of events into messages to the plugin, where there is one and more
    /// than one watcher; returns those, and who is left to be told by a publish each.
    ///
    /// Both keep one order. mosquitto 2.0 reads one packet of a connection a turn, and begins the
    /// next turn with what the plugin has published. mosquitto 2.1 reads several: there every event
    /// goes by the plugin, and what is no event waits until the plugin says that those are on their
    /// way (``maySend(_:)``).
    func fanOuts(
        of payload: [UInt8],
        to watchers: [Name],
        _ options: EventOptions
    ) -> (messages: [[UInt8]], rest: ArraySlice<Name>) {
        var rest = watchers[...]
        var messages: [[UInt8]] = []
        let least = isOvertaken ? 1 : 2
        while isPresent, rest.count >= least {
            let (bytes, count) = ControlMessage.fanOut(
                of: payload,
                to: rest,
                qos: options.qos,
                expiry: options.expiry,
                asksForDone: isOvertaken,
                within: ControlMessage.Bounds(length: options.longestFanOut)
            )
            guard count >= least else { break }
            messages.append(bytes)
            rest = rest.dropFirst(count)
        }
        return (messages, rest)
    }

    mutating func send() {
        guard isOvertaken else { return }
        unfinished += 1
        unacknowledged += 1
        ticks = 0
    }

    mutating func finish() {
        unfinished = max(0, unfinished - 1)
        ticks = 0
    }

    mutating func tick() {
        guard unfinished > 0, unacknowledged == 0 else { return }
        ticks += 1
        if ticks >= Self.latest { forgetFanOuts() }
    }

    private mutating func forgetFanOuts() { (unfinished, unacknowledged, ticks) = (0, 0, 0) }

    /// The broker has acknowledged what was sent to the plugin, be there one or not; returns whether
    /// one that was there is lost.
    ///
    /// mosquitto acknowledges the question before the plugin answers.
    mutating func acknowledge(isFailure: Bool) -> Bool {
        let wasPresent = isPresent
        if state.isAsked {
            endedOpen = 0
            state = .absent
        } else {
            unacknowledged = max(0, unacknowledged - 1)
        }
        if isFailure {
            state = .absent
            forgetFanOuts()
        }
        return wasPresent && isFailure
    }
}
