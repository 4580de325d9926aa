/// What is left of a status where a broker takes no message as long as it is.
extension UserStatus {
    /// The most bytes that a byte of a text has in JSON, as `\u0000`.
    private static let longestEscape = 6
    /// The most bytes of what is not a text: keys, times, number.
    private static let frame = 256
    /// The most bytes around a device's name: its word, and what is between them.
    private static let aroundDevice = StatusWord.longest + 6

    /// More bytes than the status has, reckoned without writing it.
    private var bound: Int {
        devices.reduce(
            Self.frame + (username.text.utf8.count + description.utf8.count) * Self.longestEscape
        ) {
            $0 + $1.name.text.utf8.count * Self.longestEscape + Self.aroundDevice
        }
    }

    /// The status with no more than so many bytes; `nil` where even the least of it is longer.
    ///
    /// What goes first is the description, then devices, the last by name first. The device that
    /// speaks for the user stays, so that what is left is true: `online`, `status` and the times.
    public func fitting(_ room: Int) -> UserStatus? {
        guard bound > room, payload.count > room else { return self }
        var short = self
        short.description = ""
        guard let speaker = devices.min(by: { $0.status.rank < $1.status.rank }) else {
            return short.payload.count <= room ? short : nil
        }
        short.devices = [speaker]
        var left = room - short.payload.count
        guard left >= 0 else { return nil }
        for device in devices where device.name != speaker.name {
            left -= Self.length(of: device)
            guard left >= 0 else { break }
            short.devices.append(device)
        }
        short.devices.sort { $0.name < $1.name }
        return short
    }

    private static func length(of device: DeviceStatus) -> Int {
        var json = JSONWriter(reserving: 128)
        json.beginObject()
        json.key(device.name.text)
        json.string(device.status.text)
        json.endObject()
        // A comma in place of the braces.
        return json.bytes.count - 1
    }
}
