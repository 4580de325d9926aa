import Mosquitto
import Presence

extension PresenceClient {
    /// One round of the loop: reads, does what is due, writes; returns what to wait for.
    func turn() -> ClientLoop.Wait {
        turns += 1
        readConnection()
        passTime(.now)
        switch phase {
        case .idle, .over: return ClientLoop.Wait()
        case .waiting(let then):
            return ClientLoop.Wait(until: earliest(then))
        case .connecting(let connecting): return wait(for: connecting.connection)
        case .up(let connection): return wait(for: connection)
        }
    }

    private func wait(for connection: Connection) -> ClientLoop.Wait {
        connection.write()
        return ClientLoop.Wait(
            descriptor: connection.fileDescriptor,
            isWriting: connection.wantsWrite,
            until: earliest(nextTick)
        )
    }

    /// When the first of all that waits for a time is due, and one thing that is due then.
    private func earliest(_ other: ContinuousClock.Instant) -> ContinuousClock.Instant {
        var instants = [other, state.requests.nextExpiry]
        if isConnected {
            instants += [state.requests.nextSending, state.renewals.nextRenewal]
            if options.announces { instants.append(state.device.nextStatement) }
            if !state.watchlist.isEmpty { instants.append(state.proof.nextStep) }
        }
        return instants.compactMap(\.self).min() ?? other
    }

    private func readConnection() {
        guard let connection else { return }
        while connection.read() {}
        if ContinuousClock.now >= nextTick {
            connection.tick()
            nextTick = .now + .seconds(1)
        }
        // What is left of a connection that was given up says nothing any more.
        for event in connection.takeEvents() where connection === self.connection { hear(event) }
    }

    private var connection: Connection? {
        switch phase {
        case .idle, .waiting, .over: nil
        case .connecting(let connecting): connecting.connection
        case .up(let connection): connection
        }
    }

    private func hear(_ event: Event) {
        switch (event, phase) {
        case (.connected, .connecting(let connecting)):
            greet(connecting)
        case (.subscribed(let packet, let granted), .connecting(let connecting))
        where packet == connecting.subscribing:
            subscribed(connecting, granted)
        case (.subscribed(let packet, let granted), _)
        where packet == metricsPacket && granted.contains(where: \.isFailure):
            endMetrics()
        case (.subscribed(let packet, _), _): ownStatus.answered(packet)
        case (.published(let packet, let reason), .connecting(var connecting))
        where packet == connecting.announcing:
            if reason.isFailure {
                return failed(.notAuthorized(topic: topics.device(user, deviceName)))
            }
            connecting.announcing = nil
            confirmed(connecting)
        case (.published(let packet, let reason), _): acknowledged(packet, reason)
        case (.message(let message), _): receive(message)
        case (.refused(let refusal), _): failed(.connectionRefused(refusal))
        case (.closed(.byServer(.sessionTakenOver)), _):
            end("another client has connected with the client id \(clientID)")
        case (.closed(let closure), _): failed(.cannotConnect(closure.description))
        default: break
        }
    }

    private func acknowledged(_ packet: Int32, _ reason: ReasonCode) {
        if let number = packets.removeValue(forKey: packet), reason.isFailure,
            let request = state.requests.end(number)
        {
            let topic = requestTopic(request.operation)
            settle(number, .failure(PresenceError.notAuthorized(topic: topic)))
        }
        let refusal = PresenceError.notAuthorized(topic: topics.device(user, deviceName))
        settle(packet: packet, reason.isFailure ? .failure(refusal) : .success(()))
    }

    private func receive(_ message: Message) {
        var random = SystemRandomNumberGenerator()
        for outcome in state.hear(message, at: .now, using: &random) {
            switch outcome {
            case .tell(let update): readers.tell(update)
            case .answered(let number, let result): settle(number, .success(result))
            case .refused(let number, let error): settle(number, .failure(error))
            case .restate: restate()
            case .catchUp: catchUp()
            case .metrics(let round): tell(round)
            }
        }
    }

    /// Does what is due by the clock.
    private func passTime(_ now: ContinuousClock.Instant) {
        switch phase {
        case .idle, .over: return
        case .waiting(let until) where until <= now: dial()
        case .connecting(let connecting) where connecting.begun + options.connectTimeout <= now:
            let what =
                connecting.connection.isResolving
                ? "the name \(options.host) was not resolved" : "the broker did not answer"
            failed(.cannotConnect("\(what) within \(options.connectTimeout)"))
        default: break
        }
        for (number, request) in state.requests.expire(at: now) {
            let error = PresenceError.noAnswer(
                operation: request.operation.rawValue,
                bridgeIsAway: state.bridges.isAway
            )
            settle(number, .failure(error))
        }
        guard !isClosing, case .up(let connection) = phase else { return }
        for (number, request) in state.requests.due(at: now) {
            send(number, request, on: connection)
        }
        if options.announces, let next = state.device.nextStatement, next <= now { restate() }
        if !state.watchlist.isEmpty { checkEvents(at: now) }
        renew(at: now)
    }
}
