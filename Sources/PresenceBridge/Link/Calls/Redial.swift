import Mosquitto

/// How soon the bridge calls its broker again.
///
/// Devices come back to a broker that was restarted as soon as they can, and what they said before
/// the bridge is there cannot always be told from what the broker has kept from before. So the
/// bridge tries to be the first: while nobody answers it calls every 100 ms, for two minutes after a
/// connection that had served, or after its own start. A call that is refused at once costs next to
/// nothing.
///
/// After the two minutes the pauses grow. So they do where somebody answers: a connection that stood
/// and broke costs the broker a reading of everything, and a login that is refused stays refused.
struct Redial {
    /// For how long the bridge tries to be the first, in milliseconds.
    static let haste: Int64 = 120_000
    private static let shortest: Int64 = 100
    private static let longest: Int64 = 5_000

    private var hurriesUntil: Int64
    private var next = shortest

    /// The bridge starts: the broker may be starting, too.
    init(at uptime: Int64) { hurriesUntil = uptime + Self.haste }

    /// The pause before the next call, in milliseconds, with some jitter.
    ///
    /// - Parameter isAbsent: Whether nobody was there to answer the last call.
    mutating func pause(
        isAbsent: Bool,
        at uptime: Int64,
        using random: inout some RandomNumberGenerator
    ) -> Int64 {
        var longest = Self.shortest
        if !isAbsent || uptime >= hurriesUntil {
            longest = next
            next = min(next * 2, Self.longest)
        }
        return Int64.random(in: longest * 3 / 4...longest, using: &random)
    }

    /// The connection serves: the next failure is a first one.
    mutating func serve() { next = Self.shortest }

    /// A connection that had served has ended: the broker may be restarting.
    mutating func lose(at uptime: Int64) { hurriesUntil = uptime + Self.haste }
}
