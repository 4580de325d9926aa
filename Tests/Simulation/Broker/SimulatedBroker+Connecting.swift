import Mosquitto
import PresenceCore

/// A will that is held back, or comes late.
struct WaitingWill {
    let serial: Int
    let clientID: String
    let message: Message
}

extension SimulatedBroker {
    /// A CONNECT came.
    func connect(_ session: Session, _ client: ConnectionOptions) {
        guard session.state == .open else { return lose(session) }
        guard options.supportsV5 || client.protocolVersion == .v311 else {
            session.send(.refusal(.unsupportedProtocolVersion))
            return close(session)
        }
        session.version = client.protocolVersion
        session.clientID = client.clientID
        if client.clientID.isEmpty {
            assignedIDs += 1
            session.clientID = "auto-\(assignedIDs)"
        }
        if let old = byClientID[session.clientID] { takeOver(old) }
        let isV5 = client.protocolVersion == .v5
        session.keepAlive = Int64(client.keepAlive) * 1_000
        session.will = client.will
        if !isV5 { session.will?.properties = MessageProperties() }
        session.willDelay = isV5 ? Int64(client.willDelay) * 1_000 : 0
        session.inflightMaximum = isV5 ? Int(client.receiveMaximum) : options.maxInflight
        session.expiry = isV5 ? Int64(client.sessionExpiry) * 1_000 : 0
        session.state = .active
        byClientID[session.clientID] = session
        let rested = resting.removeValue(forKey: session.clientID)
        let kept = client.cleanStart ? nil : rested
        var acknowledgement = acknowledgement(of: session, client)
        acknowledgement.sessionPresent = kept != nil
        session.send(.connack(acknowledgement))
        if let kept {
            resumedSessions += 1
            session.goOn(with: kept)
            count(&session.dropped)
        }
        watchKeepAlive(of: session)
    }

    /// The connection of a session has ended: keeps what is to be delivered.
    func rest(_ session: Session) {
        guard session.expiry > 0, session.state == .active else { return }
        let clientID = session.clientID
        let ended = agenda.now.uptime
        resting[clientID] = session.unacknowledged
        after(session.expiry) { [weak session] broker in
            guard let session, broker.byClientID[clientID] == nil else { return }
            if ended + session.expiry <= broker.agenda.now.uptime { broker.resting[clientID] = nil }
        }
    }

    private func acknowledgement(
        of session: Session,
        _ client: ConnectionOptions
    ) -> Acknowledgement {
        var acknowledgement = Acknowledgement()
        guard client.protocolVersion == .v5 else {
            acknowledgement.subscriptionIdentifiersAvailable = false
            return acknowledgement
        }
        acknowledgement.receiveMaximum = options.receiveMaximum
        if client.clientID.isEmpty { acknowledgement.assignedClientID = session.clientID }
        return acknowledgement
    }

    private func takeOver(_ old: Session) {
        if options.announcesTakeOver, old.version == .v5 {
            old.send(.disconnect(.sessionTakenOver))
        }
        close(old)
        guard let will = old.will else { return }
        switch options.takeOverWill {
        case .beforeAcknowledgement: publishWill(will, of: old.clientID)
        case .none: break
        case .late(let range): holdWill(will, of: old.clientID, for: dice.number(range))
        }
    }

    /// Gives up a client that is not heard for one and a half keep-alives.
    ///
    /// mosquitto looks every few seconds.
    private func watchKeepAlive(of session: Session) {
        guard session.keepAlive > 0 else { return }
        let deadline = session.lastHeard + session.keepAlive * 3 / 2
        let look = max(deadline, agenda.now.uptime) + dice.number(1...6_000)
        after(look - agenda.now.uptime) { [weak session] broker in
            guard let session, session.state == .active else { return }
            if broker.agenda.now.uptime > session.lastHeard + session.keepAlive * 3 / 2 {
                broker.lose(session)
            } else {
                broker.watchKeepAlive(of: session)
            }
        }
    }

    // MARK: - Wills

    /// Publishes the will of a connection that was lost, when its delay is over.
    func releaseWill(of session: Session) {
        guard let will = session.will else { return }
        session.will = nil
        if session.willDelay > 0 {
            holdWill(will, of: session.clientID, for: session.willDelay)
        } else {
            publishWill(will, of: session.clientID)
        }
    }

    private func holdWill(_ will: Message, of clientID: String, for delay: Int64) {
        heldWills += 1
        let serial = heldWills
        waitingWills.append(WaitingWill(serial: serial, clientID: clientID, message: will))
        after(delay) { broker in
            guard let index = broker.waitingWills.firstIndex(where: { $0.serial == serial }) else {
                return
            }
            broker.waitingWills.remove(at: index)
            broker.publishWill(will, of: clientID)
        }
    }

    func publishWill(_ will: Message, of clientID: String) {
        _ = accept(will, from: clientID, isWill: true)
    }

    /// Publishes the wills of all on the way out, in an order of its own, delayed ones too.
    func publishEveryWill() {
        var wills = waitingWills
        waitingWills = []
        for session in sessions where session.state == .active {
            guard let will = session.will else { continue }
            session.will = nil
            wills.append(WaitingWill(serial: 0, clientID: session.clientID, message: will))
        }
        wills.shuffle(using: &dice)
        for will in wills { publishWill(will.message, of: will.clientID) }
    }
}
