import Dispatch
import Foundation
import PresenceCore

extension Instant {
    /// The moment that it is: on the clock that never steps, which Linux calls monotonic, and on the
    /// wall's.
    static var now: Instant {
        Instant(
            uptime: Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000),
            unix: Int64(Date.now.timeIntervalSince1970 * 1_000)
        )
    }
}
