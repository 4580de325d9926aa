import Mosquitto
import Presence
import PresencePluginCore

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
        case .hello(let asksForStated):
            let greeting = ControlMessage.Answer.greeting(isOvertaken: options.takesSeveralPackets)
            answer(greeting.payload, to: session)
            guard asksForStated else { return }
            for payload in ControlMessage.Answer.stated(stated.devices.sorted()) {
                answer(payload, qos: 0, to: session)
            }
        case .about: break
        case .fanOut(let fanOut):
            let payload = Array(message.payload[fanOut.payload])
            for watcher in fanOut.names {
                let topic = Topics().event(watcher)
                var event = Message(topic: topic, payload: payload, qos: UInt8(fanOut.qos))
                event.properties.messageExpiry = fanOut.expiry
                passOn(event, from: session.clientID)
            }
            if fanOut.asksForDone {
                answer(ControlMessage.Answer.done.payload, to: session)
            }
        }
    }

    /// A client publishes something; of wills the plugin is not told.
    func hear(_ message: Message, from session: Session) {
        guard options.hasPlugin, message.retain,
            case .device(let user, let device)? = Topics().meaning(of: message.topic)
        else { return }
        let isEmptied = message.payload.isEmpty
        guard isEmptied || !session.clientID.hasPrefix("presence-bridge-") else { return }
        stated.note(DeviceKey(user, device), isEmptied: isEmptied)
    }

    private func passOn(_ event: Message, from clientID: String) {
        publishForPlugin { broker in
            _ = broker.accept(event, from: clientID, isWill: false)
            broker.passedOn += 1
            if broker.options.takesSeveralPackets { broker.passedOnLater += 1 }
        }
    }

    private func answer(_ payload: [UInt8], qos: UInt8 = 1, to session: Session) {
        let topic = Topics().plugin(session.clientID)
        let message = Message(topic: topic, payload: payload, qos: qos)
        publishForPlugin { [weak session] broker in
            guard let session, session.state == .active else { return }
            session.deliver(message)
            broker.count(&session.dropped)
        }
    }

    /// Publishes something for the plugin, in one order: at the start of the next turn.
    ///
    /// Where a turn has one packet of a connection, nothing of that connection comes between.
    private func publishForPlugin(_ publish: @escaping (SimulatedBroker) -> Void) {
        guard options.takesSeveralPackets else { return publish(self) }
        if ofNextTurn.isEmpty {
            after(0) { broker in
                let due = broker.ofNextTurn
                broker.ofNextTurn = []
                for publish in due { publish(broker) }
            }
        }
        ofNextTurn.append(publish)
    }
}
