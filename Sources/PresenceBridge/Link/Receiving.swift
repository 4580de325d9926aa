import Mosquitto
import Presence
import PresenceCore

extension Link {
    /// The longest uptime of a broker that is believed, in seconds: over 300 years.
    private static let longestUptime: Int64 = 10_000_000_000

    /// How long a broker says that it has run, in seconds: `nil` if the text begins with no digit.
    ///
    /// A number that does not fit is that of a broker that has just started. mosquitto 2.1 takes the
    /// time of its start after it has loaded its file, so that the first uptime is below zero, and
    /// writes that as an unsigned number: 18446744073709551614 is two seconds before.
    static func uptime(in text: String) -> Int64? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { return nil }
        return min(Int64(Substring(digits)) ?? 0, longestUptime)
    }

    /// Turns a message into what it means to the core.
    func receive(_ message: Message, at now: Instant, _ inputs: inout [Input]) {
        if message.topic == uptimeTopic {
            guard let uptime = Self.uptime(in: message.text) else { return }
            knowsUptime = true
            inputs.append(.uptimeReported(uptime, isRetained: message.retain))
            return
        }
        if message.topic == droppedTopic {
            guard let count = Int64(message.text) else { return }
            if let dropped, count > dropped { inputs.append(.messagesDropped) }
            dropped = count
            return
        }
        // The figures come as long as the connection stands, and are no sign of anything else.
        readings.progress(at: now.uptime)
        if message.topic == pluginTopic { return takePluginAnswer(message.payload, &inputs) }
        if isProbe(message, &inputs) || isOwnClear(message) { return }
        switch topics.meaning(of: message.topic) {
        case .device(let user, let device):
            receive(message, user, device, &inputs)
        case .status(let user):
            if message.retain, readings.isConnecting {
                confirm(.status)
                inputs.append(.statusFound(user: user, payload: message.payload))
            }
        case .request(let user, let device, let operation):
            inputs.append(
                .requestReceived(
                    RequestMessage(
                        user: user,
                        device: device,
                        operation: operation,
                        payload: message.payload,
                        qos: message.qos,
                        isRetained: message.retain,
                        topic: message.topic,
                        responseTopic: message.properties.responseTopic,
                        correlationData: message.properties.correlationData
                    )
                )
            )
        case .misnamed:
            if Right(topic: message.topic, topics) == .device { count(message) }
            if message.retain, !message.payload.isEmpty {
                inputs.append(.misnamedFound(topic: message.topic))
            }
        case nil: receiveOwn(message, at: now, &inputs)
        }
    }

    /// What bridges have said of themselves: who serves, the own state as it was left, and the mark
    /// beside it.
    private func receiveOwn(_ message: Message, at now: Instant, _ inputs: inout [Input]) {
        if message.topic == topics.bridge(bridgeID), message.retain, readings.isConnecting,
            !message.payload.isEmpty
        {
            inputs.append(.ownStateFound(message.payload))
        }
        if message.topic == topics.mark(bridgeID), let mark = Int64(message.text) {
            inputs.append(.markReported(mark, isRetained: message.retain))
        } else {
            takeWordOfBridge(message, at: now, &inputs)
        }
    }

    private func receive(
        _ message: Message,
        _ user: Name,
        _ device: Name,
        _ inputs: inout [Input]
    ) {
        let reading: ReadingID?
        if acknowledgement.subscriptionIdentifiersAvailable {
            let identifiers = message.properties.subscriptionIdentifiers
            reading = readings.partial(identifiedBy: identifiers)
            // A subscription for a reading repeats what comes live meanwhile.
            let isLasting = identifiers.isEmpty || identifiers.contains(Lasting.device.identifier)
            if isLasting { count(message) }
            guard isLasting || (reading != nil && message.retain) else { return }
        } else {
            count(message)
            reading = message.retain ? readings.newestPartial : nil
        }
        var report = Report(
            user: user,
            device: device,
            payload: message.payload,
            reading: reading
        )
        report.by = message.properties.userProperties.last { $0.name == "by" }?.value
        if reading.map(readings.isOfMissing) ?? false, message.retain, !message.payload.isEmpty {
            lookForLimit(limitCheck.findMissing())
        }
        report.isRetained = message.retain ? true : version == .v5 ? false : nil
        if message.payload.isEmpty, report.by == nil, takeOwnClear(message.topic) {
            report.by = bridgeID
        }
        inputs.append(.deviceReported(report))
    }

    // MARK: - The bridge's own messages

    private func isProbe(_ message: Message, _ inputs: inout [Input]) -> Bool {
        guard message.topic != probes.marker else {
            confirm(.device)
            if takeLimitMarker(message, &inputs) { return true }
            if let (id, isCut) = OpenReadings.parse(message.text),
                let reading = readings.close(id)
            {
                end(reading, isCut: isCut, &inputs)
                if isCut {
                    inFlight.suspect()
                    inputs.append(.readingCut(id))
                }
                inputs.append(.readingEnded(id))
            }
            return true
        }
        // No name begins with the sign, so that hardly any other topic has it.
        guard message.topic.utf8.contains(UInt8(ascii: "$")) else { return false }
        if probes.additions.contains(message.topic) {
            takeAddition(message)
            return true
        }
        guard let right = probes.right(triedBy: message.topic) else { return false }
        confirm(right)
        return true
    }

    private func end(_ reading: OpenReadings.Reading, isCut: Bool, _ inputs: inout [Input]) {
        // What the broker has dropped was read in vain, and is read again.
        if reading.isFull {
            if limitCheck.isAdding {
                endLookingForLimit(isCut: isCut, &inputs)
            } else if !isCut {
                lookForLimit(limitCheck.endReading())
            }
        }
        if !reading.filters.isEmpty { unsubscribe(reading.filters) }
        guard reading.scope == .connection else { return }
        unsubscribe([topics.everyStatus])
        if !knowsUptime { lackUptime(nil) }
    }

    /// Whether a message is the echo of a topic that the bridge emptied.
    ///
    /// MQTT 3.1.1 has no mark for it. A device topic's echo is handed on with a mark.
    private func isOwnClear(_ message: Message) -> Bool {
        guard message.payload.isEmpty, version == .v311, !ownClears.isEmpty else { return false }
        if case .device? = topics.meaning(of: message.topic) { return false }
        return takeOwnClear(message.topic)
    }

    func takeOwnClear(_ topic: String) -> Bool {
        guard let count = ownClears[topic] else { return false }
        ownClears[topic] = count > 1 ? count - 1 : nil
        return true
    }
}
