import PresencePluginCore
import Testing

@Suite("Complaints in the log")
struct PatienceTests {
    @Test("One complaint a second is let through, and says how many were not")
    func patience() {
        var patience = Patience()
        #expect(patience.admits(at: .seconds(1)) == 0)
        #expect(patience.admits(at: .milliseconds(1_500)) == nil)
        #expect(patience.admits(at: .milliseconds(1_999)) == nil)
        #expect(patience.admits(at: .seconds(2)) == 2)
        #expect(patience.admits(at: .seconds(9)) == 0)
    }
}
