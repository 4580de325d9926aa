import DequeModule
import Mosquitto

extension SimulatedTransport {
    /// Takes a packet that was read.
    func take(_ packet: ServerPacket) {
        switch packet {
        case .connack(let acknowledgement):
            state = .connected
            window = Int(min(options.sendMaximum, acknowledgement.receiveMaximum ?? .max))
            if window == 0 { window = 65_535 }
            events.append(.connected(acknowledgement))
        case .refusal(let refusal): finish(with: .refused(refusal))
        case .publish(let message, let packetID): take(message, packetID)
        case .puback(let packetID, let reason): settle(packetID, reason)
        case .pubrec(let packetID): outgoing.append(.pubrel(packetID: packetID))
        case .pubrel(let packetID):
            // As with QoS 1, the acknowledgement comes first.
            outgoing.append(.pubcomp(packetID: packetID))
            if let message = unreleased.removeValue(forKey: packetID) {
                events.append(.message(message))
            }
        case .pubcomp(let packetID): settle(packetID, .success)
        case .suback(let packetID, let granted):
            events.append(.subscribed(packetID: packetID, granted: granted))
        case .unsuback(let packetID): events.append(.unsubscribed(packetID: packetID))
        case .pingresp: break
        case .disconnect(let reason): finish(.byServer(reason))
        case .end(let closure): finish(closure)
        }
    }

    private func take(_ message: Message, _ packetID: Int32) {
        switch message.qos {
        case 0: events.append(.message(message))
        case 1:
            outgoing.append(.puback(packetID: packetID))
            events.append(.message(message))
        default:
            unreleased[packetID] = message
            outgoing.append(.pubrec(packetID: packetID))
        }
    }

    /// A publish is acknowledged, and the next one can go; a second acknowledgement is none.
    private func settle(_ packetID: Int32, _ reason: ReasonCode) {
        guard pending.remove(packetID) != nil else { return }
        events.append(.published(packetID: packetID, reason: reason))
        if let next = held.popFirst() { outgoing.append(next) }
    }

    // MARK: - Sending

    package func publish(_ message: Message) throws(MosquittoError) -> Int32 {
        guard state == .connected else { throw .notConnected }
        try check(topic: message.topic)
        publishedCount += 1
        guard message.qos <= 2 else {
            throw .invalidOption("the quality of service is 0, 1 or 2; this is \(message.qos)")
        }
        let next = lastPacketID >= 65_535 ? 1 : lastPacketID + 1
        if message.qos > 0, pending.contains(next) { throw .tooManyUnacknowledged }
        lastPacketID = next
        var sent = message
        sent.properties.subscriptionIdentifiers = []
        if options.protocolVersion == .v311 { sent.properties = MessageProperties() }
        let packet = ClientPacket.publish(sent, packetID: next, isDuplicate: false)
        guard message.qos > 0 else {
            outgoing.append(packet)
            return next
        }
        pending.insert(next)
        guard pending.count <= window else {
            held.append(packet)
            return next
        }
        outgoing.append(packet)
        if duplicatesNext, message.qos == 1 {
            duplicatesNext = false
            outgoing.append(.publish(sent, packetID: next, isDuplicate: true))
        }
        return next
    }

    package func subscribe(
        _ filters: [String],
        options: SubscriptionOptions,
        identifier: UInt32?
    ) throws(MosquittoError) -> Int32 {
        guard state == .connected else { throw .notConnected }
        let isV5 = self.options.protocolVersion == .v5
        if isV5, let identifier, !(1...268_435_455).contains(identifier) {
            throw .invalidOption(
                "a subscription identifier is 1 to 268,435,455; this is \(identifier)"
            )
        }
        try check(filters: filters)
        lastPacketID = lastPacketID >= 65_535 ? 1 : lastPacketID + 1
        outgoing.append(
            .subscribe(
                filters,
                isV5 ? options : SubscriptionOptions(qos: options.qos),
                identifier: isV5 ? identifier : nil,
                packetID: lastPacketID
            )
        )
        return lastPacketID
    }

    package func unsubscribe(_ filters: [String]) throws(MosquittoError) -> Int32 {
        guard state == .connected else { throw .notConnected }
        try check(filters: filters)
        lastPacketID = lastPacketID >= 65_535 ? 1 : lastPacketID + 1
        outgoing.append(.unsubscribe(filters, packetID: lastPacketID))
        return lastPacketID
    }

    // MARK: - Topics

    private func check(topic: String) throws(MosquittoError) {
        guard isText(topic, allowsWildcards: false) else {
            throw .invalidTopic(
                topic,
                why: "a topic name has 1 to 65,535 bytes, no control characters and no wildcards"
            )
        }
    }

    private func check(filters: [String]) throws(MosquittoError) {
        guard !filters.isEmpty else { throw .invalidOption("one filter at least is needed") }
        for filter in filters where !isFilter(filter) {
            throw .invalidTopic(
                filter,
                why: "a filter has 1 to 65,535 bytes, no control characters, "
                    + "+ only as a whole level and # only as the last level"
            )
        }
    }

    private func isFilter(_ filter: String) -> Bool {
        guard isText(filter, allowsWildcards: true) else { return false }
        let bytes = filter.utf8
        guard bytes.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") }) else {
            return true
        }
        let levels = filter.split(separator: "/", omittingEmptySubsequences: false)
        return !levels.dropLast().contains("#")
            && levels.allSatisfy { level in
                level == "+" || level == "#" || !level.contains { "+#".contains($0) }
            }
    }

    /// Whether a text is neither empty nor too long, and has no control characters.
    private func isText(_ text: String, allowsWildcards: Bool) -> Bool {
        var previous: UInt8 = 0
        for byte in text.utf8 {
            // U+0080 to U+009F are 0xC2 and another byte.
            guard byte >= 0x20, byte != 0x7F, previous != 0xC2 || byte >= 0xA0 else { return false }
            let isWildcard = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "#")
            guard allowsWildcards || !isWildcard else { return false }
            previous = byte
        }
        return (1...65_535).contains(text.utf8.count)
    }
}
