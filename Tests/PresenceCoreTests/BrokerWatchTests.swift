import Testing

@testable import PresenceCore

@Suite("Whether the broker has restarted")
struct BrokerWatchTests {
    @Test("A retained uptime teaches nothing at first; a live one does")
    func first() {
        var watch = BrokerWatch()
        #expect(watch.learn(uptime: 100, isRetained: true, unixSecond: 1_000) == .same)
        #expect(watch.started == nil)
        #expect(watch.learn(uptime: 105, isRetained: false, unixSecond: 1_005) == .learnt)
        #expect(watch.started == 900)
    }

    @Test("A start that is reckoned from a retained uptime may be 15 seconds off")
    func retained() {
        for (started, finding) in [(915, BrokerWatch.Finding.same), (916, .restarted)] {
            var watch = BrokerWatch(started: 900)
            let now = Int64(2_000)
            #expect(
                watch.learn(uptime: now - Int64(started), isRetained: true, unixSecond: now)
                    == finding
            )
        }
    }

    @Test("The first live uptime of a connection may be 3 seconds off")
    func live() {
        for (started, finding) in [(903, BrokerWatch.Finding.learnt), (904, .restarted)] {
            var watch = BrokerWatch(started: 900)
            let now = Int64(2_000)
            #expect(
                watch.learn(uptime: now - Int64(started), isRetained: false, unixSecond: now)
                    == finding
            )
            #expect(watch.started == Int64(started))
        }
    }

    @Test("Later live uptimes show only that the clock was stepped, until the next connection")
    func stepped() {
        var watch = BrokerWatch(started: 900)
        #expect(watch.learn(uptime: 100, isRetained: false, unixSecond: 1_000) == .same)
        #expect(watch.learn(uptime: 110, isRetained: false, unixSecond: 5_010) == .learnt)
        #expect(watch.started == 4_900)
        watch.connect()
        #expect(watch.learn(uptime: 120, isRetained: true, unixSecond: 5_025) == .same)
        #expect(watch.learn(uptime: 130, isRetained: false, unixSecond: 5_040) == .restarted)
    }

    @Test("An uptime that went back is a restart, whatever the clock says")
    func wentBack() {
        var watch = BrokerWatch(started: 900)
        #expect(watch.learn(uptime: 100, isRetained: false, unixSecond: 1_000) == .same)
        #expect(watch.learn(uptime: 99, isRetained: false, unixSecond: 1_000) == .same)
        watch.connect()
        #expect(watch.learn(uptime: 5, isRetained: true, unixSecond: 500) == .restarted)
        #expect(watch.learn(uptime: 6, isRetained: false, unixSecond: 501) == .same)
    }
}
