import Logging
import Mosquitto
import Presence
import PresenceCore

/// The subscriptions that last as long as the connection.
enum Lasting {
    case device
    case status
    case uptime
    case request
    case bridge

    /// The number that comes back with each message.
    var identifier: UInt32 {
        switch self {
        case .device: 1
        case .status: 2
        case .uptime: 3
        case .request: 4
        case .bridge: 5
        }
    }
}

extension Link {
    /// The most filters in one SUBSCRIBE.
    private static let filtersPerPacket = 200

    /// Reads retained topics: subscribes, and sends a marker behind.
    ///
    /// Everything about devices is read with QoS 0, live and retained, so that it comes in one
    /// order, and so does the marker.
    func read(_ id: ReadingID, _ scope: ReadingScope, at now: Instant) {
        var reading = OpenReadings.Reading(
            id: id,
            scope: scope,
            progressed: now.uptime,
            asked: now.uptime
        )
        switch scope {
        case .connection, .everyDevice: limitCheck.beginReading()
        case .users, .devices: break
        }
        switch scope {
        case .connection:
            // What the broker kept of it says what all else is worth that is found.
            subscribe([topics.bridge(bridgeID), topics.mark(bridgeID)], .bridge)
            subscribe([uptimeTopic, droppedTopic], .uptime)
            subscribe([topics.everyStatus], .status)
            subscribe([topics.everyDevice], .device)
        case .everyDevice:
            subscribe([topics.everyDevice], .device)
        case .users(let users):
            reading.filters = users.map(topics.devices(of:))
        case .devices(let keys):
            reading.filters = keys.map { topics.device($0.user, $0.device) }
        }
        for start in stride(from: 0, to: reading.filters.count, by: Self.filtersPerPacket) {
            let filters = reading.filters[start...].prefix(Self.filtersPerPacket)
            subscribe(Array(filters), nil, identifier: OpenReadings.identifier(of: id))
        }
        sendMarker(of: reading, at: now)
    }

    /// Sends a marker of a reading behind its subscription.
    ///
    /// It goes past what waits to be published: where the broker drops acknowledgements, that may
    /// wait for long.
    private func sendMarker(of reading: OpenReadings.Reading, at now: Instant) {
        var reading = reading
        let text = reading.mark(at: now.uptime)
        readings.open(reading)
        do throws(MosquittoError) {
            _ = try connection?.publish(Message(topic: probes.marker, payload: text))
        } catch {
            log.error("cannot publish to \(probes.marker): \(error)")
        }
    }

    /// Sends another marker of each reading whose last one may be lost.
    func markAgain(at now: Instant) {
        for reading in readings.unmarked(at: now.uptime) { sendMarker(of: reading, at: now) }
    }

    /// Reads again what has lost its marker, and with it perhaps more.
    func readAgain(_ reading: OpenReadings.Reading, at now: Instant) {
        guard reading.scope == .connection else { return read(reading.id, reading.scope, at: now) }
        // What is missing at a connection is asked for alone in any case.
        var reading = reading
        (reading.progressed, reading.asked) = (now.uptime, now.uptime)
        sendMarker(of: reading, at: now)
    }

    /// Takes requests, and says so.
    func serve(_ state: BridgeState, at now: Instant) {
        subscribe([topics.everyRequest], .request)
        hasServed = true
        let own = Message(
            topic: topics.bridge(bridgeID),
            payload: state.payload,
            qos: 1,
            retain: true
        )
        stated = own
        publish(own)
        duty.state(at: now)
        retain(metric: "started", "\(started)")
        settle()
    }

    func subscribe(_ filters: [String], _ lasting: Lasting?, identifier: UInt32? = nil) {
        // Each request comes with the QoS that it was sent with, since its answer has the same.
        // Retained ones come, too, for as long as there are any: they are refused and cleared.
        var options = SubscriptionOptions(qos: lasting == .request ? 2 : 0)
        if lasting == .device || lasting == .request { options.retainAsPublished = true }
        let number = identifier ?? lasting?.identifier
        do throws(MosquittoError) {
            let packet = try connection?.subscribe(
                filters,
                options: options,
                identifier: acknowledgement.subscriptionIdentifiersAvailable ? number : nil
            )
            if let packet { subscribing[packet] = filters }
        } catch {
            log.error("cannot subscribe to \(filters.first ?? ""): \(error)")
        }
    }

    func unsubscribe(_ filters: [String]) {
        for start in stride(from: 0, to: filters.count, by: Self.filtersPerPacket) {
            do throws(MosquittoError) {
                _ = try connection?.unsubscribe(
                    Array(filters[start...].prefix(Self.filtersPerPacket))
                )
            } catch {
                log.error("cannot unsubscribe from \(filters[start]): \(error)")
            }
        }
    }

    // MARK: - Publishing

    /// Publishes an answer.
    func reply(_ reply: Reply) {
        var message = Message(topic: reply.topic, payload: reply.payload, qos: reply.qos)
        message.properties.correlationData = reply.correlationData
        publish(message)
    }

    /// Publishes retained, or empties a retained topic.
    func retain(_ topic: RetainedTopic, _ payload: [UInt8]) {
        var message = Message(topic: name(of: topic), payload: payload, qos: 1, retain: true)
        if case .device = topic {
            message.properties.userProperties = [UserProperty("by", bridgeID)]
        }
        publish(message)
    }

    /// Publishes one of the bridge's numbers, retained.
    func retain(metric name: String, _ value: String) {
        publish(Message(topic: topics.metric(bridgeID, name), payload: value, retain: true))
    }

    /// Leaves a mark behind the bridge's own state.
    func retain(mark: Int64) {
        publish(Message(topic: topics.mark(bridgeID), payload: "\(mark)", qos: 1, retain: true))
    }

    private func name(of topic: RetainedTopic) -> String {
        switch topic {
        case .device(let user, let device): topics.device(user, device)
        case .status(let user): topics.status(user)
        case .stray(let topic): topic
        }
    }

    func publish(_ message: Message) {
        guard isConnected else { return }
        outbound.append(message)
        if outbound.count < window { pump() }
    }

    /// Hands the library as much as may be on its way at once.
    func pump() {
        guard case .connected(let connection) = state else { return }
        while connection.isConnected, inFlight.count < window,
            let message = outbound.popFirst(if: maySend)
        {
            if isFanOut(message) { plugin.send() }
            do throws(MosquittoError) {
                inFlight.begin(try connection.publish(message), message)
                if version == .v311 { noteClear(message) }
            } catch {
                if case .messageTooLarge = error {
                    complainOfLength(message)
                } else {
                    log.error("cannot publish to \(message.topic): \(error)")
                }
            }
        }
    }

    /// Notes that a topic is being emptied whose echo will come, for the bridge is subscribed to it.
    private func noteClear(_ message: Message) {
        guard message.retain, message.payload.isEmpty else { return }
        switch Right(topic: message.topic, topics) {
        case .device, .request: ownClears[message.topic, default: 0] += 1
        case .status, .response, .event, .bridge, nil: break
        }
    }

    /// Tells the core when the broker begins or ceases not to keep up.
    func reportCongestion(_ inputs: inout [Input]) {
        let isNow = outbound.load.exceeds(
            isCongested ? Outbound.Load.relieved : Outbound.Load.congested
        )
        guard isNow != isCongested else { return }
        isCongested = isNow
        inputs.append(.brokerCongested(isNow))
    }

    // MARK: - The end

    /// Prepares the end: no more calls are made, and what was decided goes out until a time.
    func leave(by uptime: Int64) {
        farewell = (uptime, isSaid: false)
    }

    /// Says that the bridge is away, and disconnects, as soon as all is sent or time is up.
    func leaveIfDone(at now: Instant) {
        guard let end = farewell, !end.isSaid, case .connected(let connection) = state else {
            return
        }
        let isDone = outbound.count == 0 && connection.unacknowledged == 0
        guard isDone || now.uptime >= end.until else { return }
        farewell?.isSaid = true
        // What still waits is lost with the process; the state is not.
        outbound.removeAll()
        if !duty.isServing {
            // Whatever its topic says is another process's word.
            connection.disconnect(reason: .success)
        } else if version == .v5 {
            // The will says it: a publish would have to wait behind others in the library.
            connection.disconnect(reason: .disconnectWithWill)
        } else {
            publishOffline(connection)
            connection.disconnect(reason: .success)
        }
    }

    /// Says that the bridge is away where a DISCONNECT cannot: with QoS 0, for the library sends no
    /// more of QoS 1 than the broker acknowledges.
    private func publishOffline(_ connection: any Transport) {
        let message = Message(
            topic: topics.bridge(bridgeID),
            payload: BridgeState.offline,
            retain: true
        )
        do throws(MosquittoError) {
            _ = try connection.publish(message)
        } catch {
            log.error("cannot publish to \(message.topic): \(error)")
        }
    }
}
