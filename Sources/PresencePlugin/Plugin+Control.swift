import CMosquittoBroker
import Presence
import PresencePluginCore

extension Plugin {
    /// A message on the plugin's own topic; it goes to nobody else.
    ///
    /// Refusals are only logged. The broker acknowledges the message whatever is returned, and
    /// with QoS 0 an error would end the connection.
    func control(_ event: mosquitto_evt_control) {
        guard let client = unsafe event.client,
            unsafe access.isBridge(
                UnsafeBufferPointer(text: mosquitto_client_username(client)).span
            )
        else { return complain("it is not from one of the bridge_users") }
        let bytes = unsafe UnsafeBufferPointer(payload: event.payload, length: event.payloadlen)
        do throws(ControlMessage.Fault) {
            switch unsafe try ControlMessage(reading: bytes.span) {
            case .hello(let asksForStated):
                unsafe answer(.greeting(isOvertaken: isModern), to: client)
                if asksForStated { unsafe tellStated(to: client) }
            case .about:
                unsafe answer(.greeting(isOvertaken: isModern), to: client)
                let time = broker_unix_milliseconds()
                let about = ControlMessage.About(version: PluginVersion.current, time: time)
                unsafe answer(.about(about), to: client)
            case .fanOut(let message):
                unsafe fanOut(message, UnsafeRawBufferPointer(bytes))
                if message.asksForDone { unsafe answer(.done, to: client) }
            }
        } catch {
            complain(error.reason)
        }
    }

    /// Answers to the bridge that asked, and to no other.
    ///
    /// Behind a fan-out it is queued, and sent, behind the fan-out's own messages.
    private func answer(_ answer: ControlMessage.Answer, to client: OpaquePointer) {
        unsafe send(answer.payload, qos: 1, to: client)
    }

    /// Says on which device topics something was stated since the broker's start.
    ///
    /// With QoS 0, as the bridge reads the topics themselves: what waited for acknowledgements would
    /// come behind verdicts.
    private func tellStated(to client: OpaquePointer) {
        for payload in ControlMessage.Answer.stated(stated.devices) {
            guard unsafe send(payload, qos: 0, to: client) else { return }
        }
    }

    @discardableResult
    private func send(_ payload: [UInt8], qos: Int32, to client: OpaquePointer) -> Bool {
        guard let id = unsafe mosquitto_client_id(client) else { return false }
        let name = unsafe String(cString: id)
        if name.utf8.contains(UInt8(ascii: "+")) || name.utf8.contains(UInt8(ascii: "#")) {
            complain("the client id of the bridge has a wildcard in it")
            return false
        }
        let isTaken = unsafe payload.withUnsafeBytes {
            unsafe Publishing.publish(topics.plugin(name), $0, qos: qos, to: id)
        }
        if !isTaken { complain("mosquitto does not take the answer") }
        return isTaken
    }

    private func fanOut(_ message: ControlMessage.FanOut, _ bytes: UnsafeRawBufferPointer) {
        let payload = unsafe UnsafeRawBufferPointer(rebasing: bytes[message.payload])
        for name in message.names {
            let isTaken = unsafe Publishing.publish(
                topics.event(name),
                payload,
                qos: message.qos,
                expiry: message.expiry
            )
            guard isTaken else { return complain("mosquitto does not take the messages") }
        }
    }

    private func complain(_ reason: String) {
        logThrottled(BrokerLog.warning, "refused a message on \(ControlMessage.topic): \(reason)")
    }
}
