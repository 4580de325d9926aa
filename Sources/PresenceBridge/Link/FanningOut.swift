import Logging
import Mosquitto
import Presence
import PresenceCore

extension Link {
    /// Asks whether the broker has the plugin.
    ///
    /// Only with MQTT 5, which every broker with the plugin speaks: one of MQTT 3.1.1 can say that
    /// it does not allow a topic by closing the connection alone.
    func askForPlugin() {
        if plugin.connect(mayAsk: settings.broker.usesPlugin && version == .v5) {
            publish(Message(topic: ControlMessage.topic, payload: ControlMessage.question, qos: 1))
        } else if plugin.isGivenUp {
            log.notice("not asking for the plugin: connections have ended with the question open")
        }
    }

    /// Asks the plugin, where there is one, on which device topics something was stated since the
    /// broker's start.
    func askForStated() {
        guard plugin.isPresent else { return }
        let question = ControlMessage.questionOfStated
        publish(Message(topic: ControlMessage.topic, payload: question, qos: 1))
    }

    /// The broker has acknowledged something for the plugin, be there one or not.
    ///
    /// What it refuses, for its length or for want of a right, goes to each watcher by itself, and so
    /// does all that follows on this connection.
    func acknowledgePlugin(_ payload: [UInt8], _ reason: ReasonCode) {
        if payload == ControlMessage.questionOfStated { return }
        if plugin.acknowledge(isFailure: reason.isFailure) {
            log.error("the broker takes no more events for its plugin: \(reason)")
        }
        guard reason.isFailure,
            case .fanOut(let message)? = try? ControlMessage(reading: payload.span)
        else { return }
        notify(message.names, Array(payload[message.payload]))
    }

    /// Takes the plugin's answer, which no other client can send: the bridge is not subscribed to it.
    func takePluginAnswer(_ payload: [UInt8], _ inputs: inout [Input]) {
        switch ControlMessage.Answer(reading: payload) {
        case .greeting(let isOvertaken):
            // It greets at each question.
            if plugin.isPresent { return }
            plugin.answer(isOvertaken: isOvertaken)
            log.notice("the plugin in the broker passes events on")
        case .stated(let devices): inputs.append(.statedSinceStart(devices))
        case .done:
            plugin.finish()
            pump()
        case nil:
            log.warning("the plugin in the broker speaks another version: it is not used")
        }
    }

    /// Whether a message is one that the plugin says of when it is on its way.
    func isFanOut(_ message: Message) -> Bool {
        message.topic == ControlMessage.topic && message.payload != ControlMessage.questionOfStated
    }

    /// Whether a message may be sent now: another fan-out, or anything once those before it are on
    /// their way.
    func maySend(_ message: Message) -> Bool {
        !plugin.isUnfinished || message.topic == ControlMessage.topic
    }

    /// Publishes a batch of events to watchers: by the plugin, where there is one and more than one
    /// watcher, and otherwise to each.
    ///
    /// Both keep one order. mosquitto 2.0 reads one packet of a connection a turn, and begins the
    /// next turn with what the plugin has published. mosquitto 2.1 reads several: there every event
    /// goes by the plugin, and what is no event waits until the plugin says that those are on their
    /// way (``maySend(_:)``).
    func notify(_ watchers: [Name], _ payload: [UInt8]) {
        let seconds = settings.eventExpiry.milliseconds / 1_000
        let expiry = seconds > 0 ? UInt32(clamping: seconds) : nil
        let qos = UInt8(settings.eventQoS)
        var rest = watchers[...]
        let least = plugin.isOvertaken ? 1 : 2
        while plugin.isPresent, rest.count >= least {
            let (bytes, count) = ControlMessage.fanOut(
                of: payload,
                to: rest,
                qos: qos,
                expiry: expiry,
                asksForDone: plugin.isOvertaken,
                within: ControlMessage.Bounds(length: longestControlMessage)
            )
            guard count >= least else { break }
            // Acknowledged in any case: a refusal must not pass unseen.
            publish(Message(topic: ControlMessage.topic, payload: bytes, qos: 1))
            rest = rest.dropFirst(count)
        }
        for watcher in rest {
            var message = Message(topic: topics.event(watcher), payload: payload, qos: qos)
            message.properties.messageExpiry = expiry
            publish(message)
        }
    }

    /// With its topic, and what else there is in the packet, no more than the broker takes.
    private var longestControlMessage: Int {
        let packet = Int(acknowledgement.maximumPacketSize ?? .max)
        return min(settings.limits.maxMessage, packet - ControlMessage.topic.utf8.count - 16)
    }
}
