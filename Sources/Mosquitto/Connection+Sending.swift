import CMosquitto

extension Connection {
    /// Queues a message and returns its packet identifier, which `published` will name.
    ///
    /// The properties are left out on an MQTT 3.1.1 connection. Throws `notConnected` before the
    /// broker has accepted the connection and after its end, `messageTooLarge`, `invalidTopic`,
    /// `invalidProperty`, `notSupported`, or `tooManyUnacknowledged`.
    @discardableResult
    public func publish(_ message: Message) throws(MosquittoError) -> Int32 {
        guard state == .connected else { throw .notConnected }
        try checkNul(message.topic)
        guard let length = Int32(exactly: message.payload.count) else {
            throw .messageTooLarge(bytes: message.payload.count)
        }
        if message.qos > 0, !identifiers.isNextFree {
            throw .tooManyUnacknowledged
        }
        var identifier = identifiers.last
        let code: Int32
        if options.protocolVersion == .v311 || message.properties.isEmpty {
            code = unsafe send(message, length, nil, &identifier)
        } else {
            let properties = try PropertyList(message.properties)
            code = unsafe properties.withPointer { unsafe send(message, length, $0, &identifier) }
        }
        identifiers.last = identifier
        guard code == 0 else { throw publishError(code, message) }
        if message.qos > 0 {
            identifiers.begin(identifier)
        }
        return identifier
    }

    private func send(
        _ message: Message,
        _ length: Int32,
        _ properties: OpaquePointer?,
        _ identifier: inout Int32
    ) -> Int32 {
        unsafe message.payload.withUnsafeBytes { bytes in
            byBuffer {
                unsafe mosquitto_publish_v5(
                    handle,
                    &identifier,
                    message.topic,
                    length,
                    bytes.baseAddress,
                    Int32(message.qos),
                    message.retain,
                    properties
                )
            }
        }
    }

    private func publishError(_ code: Int32, _ message: Message) -> MosquittoError {
        switch code {
        case Int32(MOSQ_ERR_PAYLOAD_SIZE.rawValue), Int32(MOSQ_ERR_OVERSIZE_PACKET.rawValue):
            .messageTooLarge(bytes: message.payload.count)
        case Int32(MOSQ_ERR_INVAL.rawValue) where message.qos > 2:
            .invalidOption("the quality of service is 0, 1 or 2; this is \(message.qos)")
        case Int32(MOSQ_ERR_INVAL.rawValue):
            .invalidTopic(
                message.topic,
                why: "a topic name has 1 to 65,535 bytes and no wildcard (+ or #)"
            )
        case Int32(MOSQ_ERR_MALFORMED_UTF8.rawValue):
            .invalidTopic(message.topic, why: "a topic name has no control characters")
        default: MosquittoError(code: code, about: "publishing to \(message.topic)")
        }
    }

    /// Queues one SUBSCRIBE for all the filters and returns its packet identifier, which
    /// `subscribed` will name.
    ///
    /// - Parameters:
    ///   - filters: At least one; together they must fit into one packet.
    ///   - options: The same for all the filters. MQTT 3.1.1 knows only the quality of service.
    ///   - identifier: What comes back with each message, 1 to 268,435,455 (MQTT 5 only).
    @discardableResult
    public func subscribe(
        _ filters: [String],
        options: SubscriptionOptions = SubscriptionOptions(),
        identifier: UInt32? = nil
    ) throws(MosquittoError) -> Int32 {
        guard state == .connected else { throw .notConnected }
        let isV5 = self.options.protocolVersion == .v5
        var properties = PropertyList()
        if let identifier, isV5 {
            guard (1...268_435_455).contains(identifier) else {
                throw .invalidOption(
                    "a subscription identifier is 1 to 268,435,455; this is \(identifier)"
                )
            }
            properties.addVariable(MQTT_PROP_SUBSCRIPTION_IDENTIFIER, identifier)
        }
        var packet = identifiers.last
        let code = unsafe try withFilters(filters) { count, pointers in
            unsafe properties.withPointer { list in
                unsafe mosquitto_subscribe_multiple(
                    handle,
                    &packet,
                    count,
                    pointers,
                    Int32(options.qos),
                    isV5 ? options.bits : 0,
                    list
                )
            }
        }
        identifiers.last = packet
        guard code == 0 else { throw filterError(code, filters, "subscribing to") }
        return packet
    }

    /// Queues one UNSUBSCRIBE for all the filters and returns its packet identifier, which
    /// `unsubscribed` will name.
    @discardableResult
    public func unsubscribe(_ filters: [String]) throws(MosquittoError) -> Int32 {
        guard state == .connected else { throw .notConnected }
        var packet = identifiers.last
        let code = unsafe try withFilters(filters) { count, pointers in
            unsafe mosquitto_unsubscribe_multiple(handle, &packet, count, pointers, nil)
        }
        identifiers.last = packet
        guard code == 0 else { throw filterError(code, filters, "unsubscribing from") }
        return packet
    }

    /// Sends a DISCONNECT after what is queued, and with it tells the broker to forget the will.
    ///
    /// With `disconnectWithWill` (MQTT 5) it publishes the will instead. When all has been written,
    /// which takes further calls of ``write()`` if the socket is full, `closed` follows. Without
    /// a connection it is over at once.
    public func disconnect(reason: ReasonCode = .success) {
        guard state == .connected, unsafe mosquitto_socket(handle) >= 0 else {
            return finish(.byUs)
        }
        let isV5 = options.protocolVersion == .v5
        hasDisconnected = true
        _ = LibraryObject.call(withholdingPipe: options.tls != nil) {
            unsafe mosquitto_disconnect_v5(handle, isV5 ? Int32(reason.rawValue) : 0, nil)
        }
        write()
    }

    /// Lends the filters to C, as an array of texts that lie one behind the other in one buffer.
    private func withFilters(
        _ filters: [String],
        _ body: (Int32, UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) throws(MosquittoError) -> Int32 {
        var buffer: [CChar] = []
        var starts: [Int] = []
        for filter in filters {
            try checkNul(filter)
            guard (1...65_535).contains(filter.utf8.count) else {
                throw filterError(Int32(MOSQ_ERR_INVAL.rawValue), [filter], "")
            }
            starts.append(buffer.count)
            buffer.append(contentsOf: filter.utf8CString)
        }
        guard let count = Int32(exactly: filters.count), count > 0 else {
            throw .invalidOption("one filter at least is needed; there are \(filters.count)")
        }
        return unsafe buffer.withUnsafeMutableBufferPointer { bytes in
            let pointers = unsafe starts.map { unsafe bytes.baseAddress?.advanced(by: $0) }
            return unsafe pointers.withUnsafeBufferPointer { list in
                unsafe list.baseAddress.map { unsafe body(count, $0) }
                    ?? Int32(MOSQ_ERR_INVAL.rawValue)
            }
        }
    }

    private func filterError(
        _ code: Int32,
        _ filters: [String],
        _ doing: String
    ) -> MosquittoError {
        switch code {
        case Int32(MOSQ_ERR_INVAL.rawValue), Int32(MOSQ_ERR_MALFORMED_UTF8.rawValue):
            let bad = filters.first { !isFilter($0) } ?? filters.joined(separator: ", ")
            return .invalidTopic(
                bad,
                why: "a filter has 1 to 65,535 bytes, no control characters, "
                    + "+ only as a whole level and # only as the last level"
            )
        case Int32(MOSQ_ERR_OVERSIZE_PACKET.rawValue), Int32(MOSQ_ERR_PAYLOAD_SIZE.rawValue):
            return .messageTooLarge(bytes: filters.reduce(0) { $0 + $1.utf8.count + 3 })
        default:
            return MosquittoError(code: code, about: "\(doing) \(filters.count) filters")
        }
    }

    private func isFilter(_ filter: String) -> Bool {
        let length = filter.utf8.count
        return unsafe length > 0 && mosquitto_sub_topic_check2(filter, length) == 0
            && mosquitto_validate_utf8(filter, Int32(length)) == 0
    }

    /// A NUL would silently cut the topic at the border to C.
    private func checkNul(_ topic: String) throws(MosquittoError) {
        if topic.utf8.contains(0) {
            throw .invalidTopic(topic, why: "a topic does not contain the character U+0000")
        }
    }
}
