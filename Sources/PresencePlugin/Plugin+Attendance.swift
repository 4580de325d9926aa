import CMosquittoBroker
import Presence
import PresencePluginCore

extension Plugin {
    /// A CONNECT came; nobody has checked the password.
    func connect(_ event: mosquitto_evt_basic_auth) -> Int32 {
        guard let client = event.client, let id = mosquitto_client_id(client) else {
            return MosquittoCode.deferred
        }
        let now = Self.now
        attendance.commandIsOver()
        feelPulse(at: now)
        let admission = attendance.connecting(
            UInt(bitPattern: client),
            username: event.username.map { String(cString: $0) },
            clientID: String(cString: id),
            at: now
        )
        switch admission {
        case .undecided:
            return MosquittoCode.deferred
        case .idIsTaken(let owner):
            if let kept = patience.admits(at: now) {
                BrokerLog.notice(
                    "refused \(String(cString: id)): the client id is \(owner)'s, who is connected"
                        + (kept > 0 ? " (and \(kept) complaints more)" : "")
                )
            }
            return MosquittoCode.refused
        }
    }

    /// Says so once if the broker does not call when nothing happens, for nothing can be stated then.
    private func feelPulse(at now: Duration) {
        guard options.autoPresence || options.missingWills != .none, heartbeat.isMissing(at: now)
        else { return }
        attendance.fallSilent()
        BrokerLog.error(
            "mosquitto does not call it, as with per_listener_settings: no automatic presence, and"
                + " no last word for who is thrown out"
        )
    }

    /// A client is in: a broker with several listeners may say so once for each.
    func arrive(_ event: broker_evt_connect) {
        guard let client = event.client, let user = mosquitto_client_username(client),
            let id = mosquitto_client_id(client)
        else { return }
        attendance.arrived(
            UInt(bitPattern: client),
            username: String(cString: user),
            clientID: String(cString: id),
            at: Self.now
        )
    }

    /// A connection ended, or was refused.
    func disconnect(_ event: mosquitto_evt_disconnect) {
        guard let client = event.client else { return }
        feelPulse(at: Self.now)
        attendance.disconnected(UInt(bitPattern: client), Departure(event.reason), at: Self.now)
    }

    /// A client published a message, which the broker's rules allow.
    func hear(_ event: mosquitto_evt_message) {
        guard let client = event.client, let topic = event.topic,
            hearing.concerns(CText(topic).buffer.span)
        else { return }
        let username = mosquitto_client_username(client)
        if event.retain { noteStated(event, by: username) }
        guard hearsWords, let username else { return }
        let payload = UnsafeBufferPointer(
            start: event.payload?.assumingMemoryBound(to: UInt8.self),
            count: event.payload == nil ? 0 : Int(event.payloadlen)
        )
        let meaning = hearing.meaning(
            of: String(cString: topic),
            payload.span,
            by: String(cString: username),
            isBridge: access.isBridge(CText(username).buffer.span)
        )
        switch meaning {
        case .statement(let device, let statement):
            attendance.stated(UInt(bitPattern: client), on: device, statement)
        case .question(let device): attendance.asked(device)
        case nil: break
        }
    }

    /// Notes that something was retained on a device's topic since the broker's start.
    ///
    /// Whoever may write there speaks for the device, but a bridge: what that writes is its own
    /// conclusion, of which it knows.
    private func noteStated(_ event: mosquitto_evt_message, by user: UnsafePointer<CChar>?) {
        guard let device = hearing.device(CText(event.topic).buffer.span) else { return }
        let isEmptied = event.payloadlen == 0
        guard isEmptied || !access.isBridge(CText(user).buffer.span) else { return }
        stated.note(device, isEmptied: isEmptied)
    }

    /// The broker's turn is over.
    func tick(_ event: UnsafeMutablePointer<mosquitto_evt_tick>) {
        heartbeat.beats()
        let now = Self.now
        attendance.tick(at: now, into: &writings)
        if let next = attendance.nextArrival {
            let pause = (next - now) / .milliseconds(1)
            broker_call_again(event, Int(min(max(pause.rounded(.up), 1), 100)))
        }
        guard !writings.isEmpty else { return }
        for writing in writings {
            let topic = topics.device(writing.device.user, writing.device.device)
            let isTaken = writing.payload.withUnsafeBytes {
                Publishing.publish(topic, $0, qos: 1, retain: true)
            }
            if !isTaken {
                BrokerLog.error("mosquitto does not take a message on \(topic)")
                continue
            }
            stated.note(writing.device, isEmptied: writing.payload.isEmpty)
        }
        writings.removeAll(keepingCapacity: true)
    }
}
