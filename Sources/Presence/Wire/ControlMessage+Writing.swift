extension ControlMessage {
    /// What a bridge holds itself to, which is less than the plugin takes: the broker does nothing
    /// else while it passes a message on.
    package struct Bounds: Hashable, Sendable {
        /// The most watchers of one message.
        package var names = 1_000
        /// The most bytes that one message becomes: names times payload.
        package var bytes = 4 << 20
        /// The most bytes of the message itself.
        package var length: Int

        package init(length: Int) { self.length = length }
    }

    /// Writes a message to as many of the watchers as it may have, from the first on.
    ///
    /// - Parameter asksForDone: Whether the plugin is to say when all of it is on its way.
    /// - Returns: the message, and how many of the watchers are in it.
    package static func fanOut(
        of payload: [UInt8],
        to watchers: ArraySlice<Name>,
        qos: UInt8,
        expiry: UInt32?,
        asksForDone: Bool = false,
        within bounds: Bounds
    ) -> (bytes: [UInt8], count: Int) {
        var json = JSONWriter(reserving: min(bounds.length, payload.count + 24 * watchers.count))
        json.beginObject()
        json.key("fanout")
        json.beginArray()
        let rest = Self.longestRest + (asksForDone ? #","done":true"#.utf8.count : 0)
        let most = min(bounds.names, bounds.bytes / max(1, payload.count))
        var count = 0
        for name in watchers.prefix(most) {
            // Quotes, a comma, and an escape for every byte that may need one.
            let length = json.bytes.count + 2 * name.text.utf8.count + 3
            guard length + rest + payload.count <= bounds.length else { break }
            json.string(name.text)
            count += 1
        }
        json.endArray()
        json.member("qos", Int64(qos))
        json.member("expiry", expiry.map(Int64.init))
        if asksForDone { json.member("done", true) }
        json.endObject()
        return (json.bytes + [UInt8(ascii: "\n")] + payload, count)
    }

    /// The most bytes between the names and the payload.
    private static let longestRest = #"],"qos":1,"expiry":4294967295}"#.utf8.count + 1
}
