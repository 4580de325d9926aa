import Presence

/// The numbers of a bridge, all of one moment.
///
/// Their names are those of the protocol: `users/online`, `requests`, `uptime`, and so on.
public struct BridgeMetrics: Hashable, Sendable {
    /// The id of the bridge.
    public var bridge: Name
    /// The numbers by name.
    public var values: [String: Int64]

    /// The numbers of a bridge.
    public init(bridge: Name, values: [String: Int64] = [:]) {
        self.bridge = bridge
        self.values = values
    }

    /// A number; `nil` when the bridge does not tell it.
    public subscript(name: String) -> Int64? { values[name] }

    /// How much a number that counts has risen in each second since an earlier moment.
    ///
    /// `nil` when that cannot be said: no time has passed, or the bridge was restarted between.
    public func rate(of name: String, since earlier: BridgeMetrics) -> Double? {
        guard bridge == earlier.bridge, let now = self[name], let then = earlier[name],
            let uptime = self["uptime"], let before = earlier["uptime"],
            uptime > before, now >= then
        else { return nil }
        // Each later number is the greater one, so that what wraps round is the difference.
        let risen = UInt64(bitPattern: now &- then)
        return Double(risen) / Double(UInt64(bitPattern: uptime &- before))
    }
}
