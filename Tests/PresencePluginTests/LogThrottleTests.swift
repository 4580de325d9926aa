import PresencePluginCore
import Testing

@Suite("Complaints in the log")
struct LogThrottleTests {
    @Test("One complaint a second is let through, and says how many were not")
    func throttle() {
        var throttle = LogThrottle()
        #expect(throttle.admits(at: .seconds(1)) == 0)
        #expect(throttle.admits(at: .milliseconds(1_500)) == nil)
        #expect(throttle.admits(at: .milliseconds(1_999)) == nil)
        #expect(throttle.admits(at: .seconds(2)) == 2)
        #expect(throttle.admits(at: .seconds(9)) == 0)
    }
}
