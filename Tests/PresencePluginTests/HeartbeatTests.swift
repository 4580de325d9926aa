import PresencePluginCore
import Testing

@Suite("The broker's ticks")
struct HeartbeatTests {
    @Test("That there are none is noticed once, two seconds after the first client")
    func missing() {
        var heartbeat = Heartbeat()
        let found = [10, 11, 12, 13, 14].map { heartbeat.isMissing(at: .seconds($0)) }
        #expect(found == [false, false, false, true, false])
    }

    @Test("Where there are some, none are missing")
    func beating() {
        var heartbeat = Heartbeat()
        _ = heartbeat.isMissing(at: .seconds(1))
        heartbeat.beats()
        let isMissing = heartbeat.isMissing(at: .seconds(9))
        #expect(!isMissing)
    }
}
