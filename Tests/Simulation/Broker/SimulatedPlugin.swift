import Mosquitto
import Presence

/// The plugin in the broker, as far as bridges see it.
extension SimulatedBroker {
    /// A message on the plugin's topic: it goes to nobody else, and is acknowledged whether there is
    /// a plugin or not.
    func control(_ message: Message, _ packetID: Int32, from session: Session) {
        if message.qos == 1 { session.send(.puback(packetID: packetID, .success)) }
        guard options.hasPlugin,
            let control = try? ControlMessage(reading: message.payload.span)
        else { return }
        switch control {
        case .hello:
            answer(.greeting(isOvertaken: false), to: session)
        case .fanOut(let fanOut):
            let payload = Array(message.payload[fanOut.payload])
            for watcher in fanOut.names {
                let topic = Topics().event(watcher)
                var event = Message(topic: topic, payload: payload, qos: UInt8(fanOut.qos))
                event.properties.messageExpiry = fanOut.expiry
                _ = accept(event, from: session.clientID, isWill: false)
                passedOn += 1
            }
            if fanOut.asksForDone { answer(.done, to: session) }
        }
    }

    private func answer(_ answer: ControlMessage.Answer, to session: Session) {
        let topic = Topics().plugin(session.clientID)
        session.deliver(Message(topic: topic, payload: answer.payload, qos: 1))
        count(&session.dropped)
    }
}
