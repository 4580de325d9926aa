extension ControlMessage.Answer {
    /// The most bytes of a message that names devices.
    package static let longestStated = 60_000

    /// Writes devices into as many messages as they take, in their order.
    ///
    /// - Parameter longest: The most bytes of one message; one device is in each at least.
    package static func stated(
        _ devices: [DeviceKey],
        longest: Int = longestStated
    ) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var rest = devices[...]
        while !rest.isEmpty {
            let (payload, count) = list(of: rest, longest: longest)
            messages.append(payload)
            rest = rest.dropFirst(count)
        }
        return messages
    }

    /// Writes a message with as many of the devices as it may have, from the first on.
    static func list(
        of devices: ArraySlice<DeviceKey>,
        longest: Int
    ) -> (payload: [UInt8], count: Int) {
        var json = JSONWriter(reserving: min(longest, 24 * devices.count + 16))
        json.beginObject()
        json.key("stated")
        json.beginArray()
        var count = 0
        for key in devices {
            // Quotes, a comma, the end, and an escape for every byte that may need one.
            let bytes = key.user.text.utf8.count + 1 + key.device.text.utf8.count
            guard count == 0 || json.bytes.count + 2 * bytes + 5 <= longest else { break }
            json.string("\(key.user)/\(key.device)")
            count += 1
        }
        json.endArray()
        json.endObject()
        return (json.bytes, count)
    }

    /// Reads the devices of a message; `nil` if something in the list is none.
    static func devices(_ list: [JSONValue]) -> [DeviceKey]? {
        var devices: [DeviceKey] = []
        devices.reserveCapacity(list.count)
        for value in list {
            // By bytes: what stands behind a slash may combine with it.
            guard let levels = value.string?.utf8, let device = DeviceKey(levels: levels) else {
                return nil
            }
            devices.append(device)
        }
        return devices
    }
}
