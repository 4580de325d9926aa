import Glibc
import PresenceCore

extension Instant {
    /// The moment that it is: on the clock that never steps, which Linux calls monotonic, and on the
    /// wall's.
    static var now: Instant {
        Instant(uptime: milliseconds(CLOCK_MONOTONIC), unix: milliseconds(CLOCK_REALTIME))
    }

    /// What a clock shows; the two that are asked are always there.
    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
