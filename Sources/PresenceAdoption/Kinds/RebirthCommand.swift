/// What asks a Sparkplug node for its birth, and for those of its devices (Sparkplug 3.0, section 6.4.23: NCMD).
public enum RebirthCommand {
    private static let name = "Node Control/Rebirth"
    /// The number of the data type Boolean.
    private static let boolean: UInt64 = 11

    /// The payload, as Protobuf: a metric of that name with the value true.
    ///
    /// - Parameter time: The time of it, in milliseconds since 1970.
    public static func payload(at time: Int64) -> [UInt8] {
        let time = UInt64(max(0, time))
        var metric: [UInt8] = [0x0A, UInt8(name.utf8.count)] + Array(name.utf8)
        metric += [0x18] + varint(time) + [0x20] + varint(boolean) + [0x70, 1]
        return [0x08] + varint(time) + [0x12] + varint(UInt64(metric.count)) + metric
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var (rest, bytes): (UInt64, [UInt8]) = (value, [])
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(truncatingIfNeeded: rest)]
    }
}
