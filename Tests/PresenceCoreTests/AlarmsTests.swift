import Presence
import Testing

@testable import PresenceCore

@Suite("Alarms")
struct AlarmsTests {
    @Test("Alarms go off in the order of time, and of one moment in the order of setting")
    func order() {
        var alarms = Alarms()
        for (number, time) in [5, 3, 5, 1, 3].enumerated() {
            alarms.set(.user(UserID(number)), at: Int64(time))
        }
        #expect(alarms.next == 1)
        #expect(alarms.takeDue(at: 0)?.at == nil)
        var order: [AlarmPurpose] = []
        while let due = alarms.takeDue(at: 5) {
            order.append(due.purpose)
        }
        #expect(order == [.user(3), .user(1), .user(4), .user(0), .user(2)])
        #expect(alarms.next == nil)
    }

    @Test("A state sets another alarm only when it is earlier than the one that is set")
    func bringForward() {
        var wake: Int64?
        #expect(wake.bringForward(to: nil) == nil)
        #expect(wake == nil)
        let set = [10, 20, 10, 5, 7].map { wake.bringForward(to: $0) }
        #expect(set == [10, nil, nil, 5, nil])
        #expect(wake == 5)
    }

    @Test("Alarms that nobody waits for do not pile up")
    func sweep() {
        var bridge = Bridge.serving { $0.deviceRate = 1_000_000 }
        for _ in 0..<3_000 {
            bridge.says("alice/phone", "online")
            bridge.says("alice/phone", "offline")
            bridge.pass(.seconds(1))
        }
        #expect(bridge.core.alarms.count < 5_000)
        // The one that counts is still there.
        bridge.pass(.seconds(86_400))
        #expect(bridge.topic("alice/phone") == nil)
    }

    @Test("Seconds never go back")
    func steady() {
        var clock = SteadyClock()
        clock.learn(nil)
        clock.learn(100)
        #expect(clock.second(at: Instant(uptime: 0, unix: 99_999)) == 100)
        #expect(clock.second(at: Instant(uptime: 0, unix: 101_999)) == 101)
        #expect(clock.second(at: Instant(uptime: 0, unix: 50_000)) == 101)
        clock.learn(90)
        #expect(clock.latest == 101)
    }

    @Test("A moment knows the second that has begun and the one that begins next")
    func seconds() {
        let now = Instant(uptime: 0, unix: 1_500).advanced(by: .milliseconds(501))
        #expect((now.second, now.nextSecond) == (2, 3))
        #expect(Instant(uptime: 0, unix: 2_000).nextSecond == 2)
        #expect(now.uptime == 501)
        #expect(Duration.microseconds(1_999).milliseconds == 1)
    }
}
