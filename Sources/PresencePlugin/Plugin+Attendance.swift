import CMosquittoBroker
import Presence
import PresencePluginCore

extension Plugin {
    /// A CONNECT came; nobody has checked the password.
    func connect(_ event: mosquitto_evt_basic_auth) -> Int32 {
        guard let client = unsafe event.client, let id = unsafe mosquitto_client_id(client) else {
            return MosquittoCode.deferred
        }
        let now = Self.now
        attendance.commandIsOver()
        checkHeartbeat(at: now)
        let admission = unsafe attendance.connecting(
            UInt(bitPattern: client),
            username: event.username.map { unsafe String(cString: $0) },
            clientID: unsafe String(cString: id),
            at: now
        )
        switch admission {
        case .undecided:
            return MosquittoCode.deferred
        case .idIsTaken(let owner):
            let name = unsafe String(cString: id)
            logThrottled(
                BrokerLog.notice,
                "refused \(name): the client id is \(owner)'s, who is connected"
            )
            return MosquittoCode.refused
        }
    }

    /// Says so once if the broker does not call when nothing happens, for nothing can be stated then.
    private func checkHeartbeat(at now: Duration) {
        guard options.autoPresence || options.missingWills != .none, heartbeat.isMissing(at: now)
        else { return }
        attendance.stopStating()
        BrokerLog.error(
            "mosquitto does not call it, as with per_listener_settings: no automatic presence, and"
                + " no last word for who is thrown out"
        )
    }

    /// A client is in: a broker with several listeners may say so once for each.
    func arrive(_ event: broker_evt_connect) {
        guard let client = unsafe event.client, let user = unsafe mosquitto_client_username(client),
            let id = unsafe mosquitto_client_id(client)
        else { return }
        unsafe attendance.arrived(
            UInt(bitPattern: client),
            username: String(cString: user),
            clientID: String(cString: id),
            at: Self.now
        )
    }

    func disconnect(_ event: mosquitto_evt_disconnect) {
        guard let client = unsafe event.client else { return }
        checkHeartbeat(at: Self.now)
        unsafe attendance.disconnected(
            UInt(bitPattern: client),
            Departure(event.reason),
            at: Self.now
        )
    }

    /// A client published a message, which the broker's rules allow.
    func hear(_ event: mosquitto_evt_message) {
        guard let client = unsafe event.client, let topic = unsafe event.topic,
            unsafe messages.concerns(UnsafeBufferPointer(text: topic).span)
        else { return }
        let username = unsafe mosquitto_client_username(client)
        let isBridge = unsafe access.isBridge(UnsafeBufferPointer(text: username).span)
        let payload = unsafe UnsafeBufferPointer(payload: event.payload, length: event.payloadlen)
        // Whoever may write there speaks for the device, but a bridge: what that writes is its own
        // conclusion, of which it knows.
        if unsafe event.retain, payload.isEmpty || !isBridge,
            let device = unsafe messages.device(UnsafeBufferPointer(text: topic).span)
        {
            stated.note(device, isEmptied: payload.isEmpty)
        }
        guard hearsStatements, let username = unsafe username else { return }
        let meaning = unsafe messages.meaning(
            of: String(cString: topic),
            payload.span,
            by: String(cString: username),
            isBridge: isBridge
        )
        switch meaning {
        case .statement(let device, let statement):
            attendance.stated(UInt(bitPattern: client), on: device, statement)
        case .announce(let device): attendance.asked(device)
        case nil: break
        }
    }

    /// Logs a complaint, unless one was logged a moment ago.
    func logThrottled(_ log: (String) -> Void, _ complaint: String) {
        guard let kept = throttle.admits(at: Self.now) else { return }
        log(complaint + (kept > 0 ? " (and \(kept) complaints more)" : ""))
    }

    /// The broker's turn is over.
    func tick(_ event: UnsafeMutablePointer<mosquitto_evt_tick>) {
        heartbeat.beats()
        let now = Self.now
        attendance.tick(at: now, into: &writings)
        if let next = attendance.nextArrival {
            let pause = (next - now) / .milliseconds(1)
            unsafe broker_call_again(event, Int(min(max(pause.rounded(.up), 1), 100)))
        }
        for writing in writings {
            let topic = topics.device(writing.device.user, writing.device.device)
            let isTaken = unsafe writing.payload.withUnsafeBytes {
                unsafe Publishing.publish(topic, $0, qos: 1, retain: true)
            }
            if isTaken {
                stated.note(writing.device, isEmptied: writing.payload.isEmpty)
            } else {
                BrokerLog.error("mosquitto does not take a message on \(topic)")
            }
        }
        writings.removeAll(keepingCapacity: true)
    }
}
