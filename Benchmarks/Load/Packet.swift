/// The packets of MQTT 3.1.1 that a client of the bench writes.
///
/// They are written by hand, since a library that serves one client at a time costs the machine
/// more than the broker that is measured.
enum Packet {
    /// What the first four bits of a packet mean (MQTT 3.1.1, section 2.2.1).
    enum Kind: UInt8 {
        case connectAcknowledgement = 2
        case publish = 3
        case publishAcknowledgement = 4
        case subscribeAcknowledgement = 9
    }

    /// CONNECT with a clean session and without a keep-alive (section 3.1).
    static func connect(clientID: String, username: String, password: String? = nil) -> [UInt8] {
        var body: [UInt8] = []
        body.append(string: "MQTT")
        body += [4, password == nil ? 0b1000_0010 : 0b1100_0010, 0, 0]
        body.append(string: clientID)
        body.append(string: username)
        if let password { body.append(string: password) }
        return packet(0x10, body)
    }

    /// SUBSCRIBE to filters with one quality of service (section 3.8).
    static func subscribe(_ id: UInt16, _ filters: [String], qos: UInt8) -> [UInt8] {
        var body: [UInt8] = []
        body.append(word: id)
        for filter in filters {
            body.append(string: filter)
            body.append(qos)
        }
        return packet(0x82, body)
    }

    /// PUBLISH (section 3.3).
    static func publish(
        _ id: UInt16,
        topic: String,
        payload: [UInt8],
        qos: UInt8,
        isRetained: Bool
    ) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(topic.utf8.count + payload.count + 4)
        body.append(string: topic)
        if qos > 0 { body.append(word: id) }
        body += payload
        return packet(0x30 | qos << 1 | (isRetained ? 1 : 0), body)
    }

    /// PUBACK (section 3.4).
    static func acknowledgement(of id: UInt16) -> [UInt8] {
        [0x40, 2, UInt8(id >> 8), UInt8(id & 0xFF)]
    }

    private static func packet(_ first: UInt8, _ body: [UInt8]) -> [UInt8] {
        var bytes = [first]
        bytes.reserveCapacity(body.count + 5)
        var length = body.count
        repeat {
            bytes.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
            length >>= 7
        } while length > 0
        return bytes + body
    }
}

extension [UInt8] {
    fileprivate mutating func append(word: UInt16) {
        append(UInt8(word >> 8))
        append(UInt8(word & 0xFF))
    }

    fileprivate mutating func append(string: String) {
        append(word: UInt16(string.utf8.count))
        self += string.utf8
    }
}
