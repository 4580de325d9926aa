/// A user's status as everyone sees it: what is retained, told and answered.
public struct UserStatus: Hashable, Sendable {
    /// The highest number of a change that is believed: JSON readers hold twice as much, and from
    /// here on it can rise for ever.
    private static let highestSeq: Int64 = 1 << 52

    /// The user.
    public var username: Name
    /// The user's own words, `""` if there are none.
    public var description: String
    /// The devices that are online, sorted by name.
    public var devices: [DeviceStatus]
    /// Why the last device went; `nil` while online and for a user who never was.
    public var cause: Cause?
    /// The Unix second at which the user came online or was last seen.
    public var since: Int64?
    /// The Unix second of the last change of any part.
    public var updated: Int64?
    /// Rises with every change; 0 for a user who was never seen.
    public var seq: Int64

    /// A status, by default that of a user who was never seen.
    public init(
        username: Name,
        description: String = "",
        devices: [DeviceStatus] = [],
        cause: Cause? = nil,
        since: Int64? = nil,
        updated: Int64? = nil,
        seq: Int64 = 0
    ) {
        self.username = username
        self.description = description
        self.devices = devices
        self.cause = cause
        self.since = since
        self.updated = updated
        self.seq = seq
    }

    /// Whether any device is online.
    public var isOnline: Bool { !devices.isEmpty }

    /// The word of the device that ranks first; of equals, of the one whose name sorts first.
    public var status: StatusWord { devices.foremost }

    /// Writes the JSON object, keys in the protocol's order, with the end of a subscription if
    /// one is given.
    public func write(to json: inout JSONWriter, expires: Int64? = nil) {
        let hasEscapes = hasEscapes
        json.value(atMost: room(hasEscapes: hasEscapes)) { json in
            json.append(#"{"username":"#)
            json.append(username.text, hasEscapes)
            json.append(isOnline ? #","online":true,"status":"# : #","online":false,"status":"#)
            json.append(status.text, hasEscapes)
            json.append(#","description":"#)
            json.append(description, hasEscapes)
            json.append(#","devices":{"#)
            var separator: StaticString = ""
            for device in devices {
                json.append(separator)
                json.append(device.name.text, hasEscapes)
                json.append(":")
                json.append(device.status.text, hasEscapes)
                separator = ","
            }
            json.append(#"},"cause":"#)
            if let cause { json.append(cause.rawValue, hasEscapes) } else { json.append("null") }
            json.append(#","since":"#)
            if let since { json.append(since) } else { json.append("null") }
            json.append(#","updated":"#)
            if let updated { json.append(updated) } else { json.append("null") }
            json.append(#","seq":"#)
            json.append(seq)
            if let expires {
                json.append(#","expires":"#)
                json.append(expires)
            }
            json.append("}")
        }
    }

    /// Whether any text of it needs an escape in JSON.
    private var hasEscapes: Bool {
        username.text.needsEscape || description.needsEscape
            || devices.contains { $0.name.text.needsEscape || $0.status.text.needsEscape }
    }

    /// The most bytes that are written: keys and numbers, and the texts.
    private func room(hasEscapes: Bool) -> Int {
        let texts = devices.reduce(
            username.text.utf8.count + status.text.utf8.count + description.utf8.count
        ) {
            $0 + $1.name.text.utf8.count + $1.status.text.utf8.count
        }
        return 256 + 6 * devices.count + (hasEscapes ? 6 * texts : texts)
    }

    /// The JSON object as bytes.
    public var payload: [UInt8] {
        var json = JSONWriter(reserving: 0)
        write(to: &json)
        return json.bytes
    }

    /// Reads a retained status back; `nil` when it is none of that user, or what no bridge writes.
    public init?(reading payload: [UInt8], of user: Name) {
        guard case .object(let object)? = try? JSONValue(parsing: payload) else { return nil }
        self.init(reading: object)
        // What no bridge writes would be told on, and with the next change be half true.
        guard username == user, seq > 0, let updated, since ?? 0 <= updated,
            !isOnline || since != nil, (cause == nil) == (isOnline || since == nil)
        else { return nil }
    }

    /// Reads a status in an answer or an event; `nil` when it is none.
    public init?(reading object: JSONObject) {
        guard let username = object["username"]?.string.flatMap(Name.init(user:)),
            let seq = object["seq"]?.integer, (0...Self.highestSeq).contains(seq),
            let description = object["description"]?.string, description.utf8.count <= 65_536,
            let devices = object["devices"]?.object
        else { return nil }
        self.init(username: username, description: description, seq: seq)
        cause = object["cause"]?.string.flatMap(Cause.init)
        since = object["since"]?.integer
        updated = object["updated"]?.integer
        guard [since, updated].compactMap(\.self).allSatisfy(UnixSeconds.range.contains) else {
            return nil
        }
        for (key, value) in devices {
            guard let name = Name(device: key), let word = value.string,
                let status = StatusWord(word), status.isOnline
            else { return nil }
            self.devices.append(DeviceStatus(name: name, status: status))
        }
        self.devices.sort { $0.name < $1.name }
    }
}

extension [DeviceStatus] {
    /// Of the devices that are online, sorted by name, the word of the one that ranks first; `offline` if there
    /// is none.
    package var foremost: StatusWord {
        guard count > 1 else { return first?.status ?? .offline }
        // `min` keeps the first of equals.
        return self.min { $0.status.rank < $1.status.rank }?.status ?? .offline
    }
}

extension String {
    fileprivate var needsEscape: Bool { unsafe withBytes { unsafe $0.hasSpecial } }
}

extension OutputSpan<UInt8> {
    /// Writes a text in quotes, and looks for what needs an escape only where something does.
    fileprivate mutating func append(_ text: String, _ hasEscapes: Bool) {
        unsafe text.withBytes { bytes in
            if hasEscapes { return unsafe append(quoting: bytes) }
            append(UInt8(ascii: "\""))
            unsafe append(copying: bytes)
            append(UInt8(ascii: "\""))
        }
    }
}
