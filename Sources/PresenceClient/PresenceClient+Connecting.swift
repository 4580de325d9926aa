import Mosquitto
import Presence

extension PresenceClient {
    /// Connects, and makes the device known; from then on the client stays connected by itself.
    ///
    /// Returns once the broker has what the device states. Whether a bridge is there is another
    /// matter: see ``bridge``.
    ///
    /// - Throws: ``PresenceError`` when it does not work at once, and nothing is tried again then.
    public func connect() async throws {
        try Task.checkCancellation()
        switch phase {
        case .over: throw PresenceError.notConnected
        case .up, .waiting: return
        case .connecting where connecting.isEmpty: return
        case .idle, .connecting: break
        }
        lastConnecting += 1
        let number = lastConnecting
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                connecting[number] = continuation
                if case .idle = phase { dial() }
            }
        } onCancel: {
            Task { await self.cancelConnecting(number) }
        }
    }

    private func cancelConnecting(_ number: Int) {
        guard let continuation = connecting.removeValue(forKey: number) else { return }
        continuation.resume(throwing: CancellationError())
        guard connecting.isEmpty else { return }
        phase = .idle
        failRequests(.notConnected)
    }

    /// Logs out and disconnects; the streams end.
    ///
    /// A closed client stays closed. Waits for the broker to take the logout, two seconds at most.
    /// Without a connection there is nothing to log out with: then the will says that the device is
    /// lost.
    public func close() async {
        if case .over = phase { return }
        guard !isClosing else {
            // Another call is at it.
            for await _ in readers.join(capacity: 1) {}
            return
        }
        isClosing = true
        if case .up(let connection) = phase {
            if options.announces {
                state.device.word = .offline
                try? await publishStatement(within: .seconds(2))
            }
            connection.disconnect(reason: .success)
            connection.write()
        }
        end(nil)
    }

    /// The end, for the reason in words, if it was not wanted.
    func end(_ words: String?) {
        phase = .over
        let error = words.map(PresenceError.cannotConnect) ?? .notConnected
        settleConnecting(.failure(error))
        settlePublishers(.failure(error))
        failRequests(error)
        state.renewals.dropAll()
        catchingUp?.cancel()
        readers.tell(.connection(.over(words)))
        readers.finish()
        Self.finish(metricReaders)
    }

    /// Begins a connection.
    func dial() {
        state.device.beginConnection()
        let will = options.announces ? message(stating: state.device.will) : nil
        do {
            let connection = try Connection(options.connection(clientID: clientID, will: will))
            try connection.connect()
            phase = .connecting(Connecting(connection: connection, begun: .now))
        } catch {
            failed(.invalidOption(error.description))
        }
    }

    /// The broker has accepted the connection: everything else is asked of it at once.
    func greet(_ greeted: Connecting) {
        var connecting = greeted
        connecting.filters = [
            topics.response(user, deviceName) + "/#", topics.event(user), topics.bridge("+"),
        ]
        do {
            connecting.subscribing = try connecting.connection.subscribe(
                connecting.filters,
                options: SubscriptionOptions(qos: 1)
            )
            if options.announces, state.device.word != .offline {
                connecting.announcing = try connecting.connection.publish(
                    message(stating: state.device.statement)
                )
                state.device.stated(at: .now)
            }
            phase = .connecting(connecting)
        } catch {
            failed(.cannotConnect(error.description))
        }
    }

    /// The broker has answered the subscriptions, each by itself: without one of them the client
    /// would wait for ever.
    func subscribed(_ asked: Connecting, _ granted: [ReasonCode]) {
        var connecting = asked
        guard granted.count == connecting.filters.count else {
            let words = "\(granted.count) of \(connecting.filters.count) subscriptions"
            return failed(.cannotConnect("the broker answered \(words)"))
        }
        for (filter, code) in zip(connecting.filters, granted) where code.isFailure {
            return failed(.notSubscribed(topic: filter, reason: code.description))
        }
        connecting.subscribing = nil
        confirmed(connecting)
    }

    /// Something that was asked for at connecting was confirmed; with all of it the client is up.
    func confirmed(_ connecting: Connecting) {
        phase = .connecting(connecting)
        guard connecting.subscribing == nil, connecting.announcing == nil else { return }
        phase = .up(connecting.connection)
        upSince = .now
        readers.tell(.connection(.up))
        settleConnecting(.success(()))
        state.proof.connected(at: .now)
        readOwnStatus(on: connecting.connection)
        readMetrics(on: connecting.connection)
        state.requests.resendAll(at: .now)
        catchUp()
    }

    /// A connection that held so long was a good one, and the next try comes soon.
    ///
    /// Two clients with one client identifier throw each other off, and only some brokers say why;
    /// so they do it ever more slowly.
    private static let steady: Duration = .seconds(5)

    /// There is no connection: the first one is given up, another one is tried again.
    func failed(_ error: PresenceError) {
        packets = [:]
        ownStatus.connectionEnded()
        settlePublishers(.success(()))
        if case .up = phase, upSince + Self.steady <= .now { backoff.reset() }
        guard connecting.isEmpty else {
            phase = .idle
            failRequests(error)
            return settleConnecting(.failure(error))
        }
        if case .over = phase { return }
        var random = SystemRandomNumberGenerator()
        phase = .waiting(until: .now + .milliseconds(backoff.pause(using: &random)))
        readers.tell(.connection(.down(error.description)))
    }

    private func settleConnecting(_ result: Result<Void, any Error>) {
        let waiting = connecting.sorted { $0.key < $1.key }.map(\.value)
        connecting = [:]
        for continuation in waiting { continuation.resume(with: result) }
    }
}
