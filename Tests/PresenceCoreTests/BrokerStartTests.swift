import Testing

@testable import PresenceCore

/// A moment at which both clocks show the same.
private func second(_ second: Int64) -> Instant {
    Instant(uptime: second * 1_000, unix: second * 1_000)
}

@Suite("Whether the broker has restarted")
struct BrokerStartTests {
    @Test("A retained uptime says when it started at the latest; a live one, when")
    func first() {
        var watch = BrokerStart()
        #expect(
            watch.learn(uptime: 100, isRetained: true, mayBeLate: false, at: second(1_000))
                == .learnt
        )
        #expect(watch.started == 900)
        #expect(
            watch.learn(uptime: 110, isRetained: false, mayBeLate: false, at: second(1_003))
                == .learnt
        )
        #expect(watch.started == 893)
    }

    @Test("A start goes with a wall clock that is set back, and no further forth than it was")
    func followsClock() {
        var start = BrokerStart(started: 1_000)
        func at(_ uptime: Int64, ahead lead: Int64) -> Instant {
            Instant(uptime: uptime * 1_000, unix: (uptime + lead) * 1_000)
        }
        #expect(start.follow(at(2_000, ahead: 0)) == false)
        #expect(start.follow(at(2_001, ahead: -1)) == false)
        #expect(start.follow(at(2_002, ahead: -600)) == true)
        #expect(start.started == 400)
        #expect(start.follow(at(2_003, ahead: -100)) == true)
        #expect(start.started == 900)
        #expect(start.follow(at(2_004, ahead: 7_000)) == true)
        #expect(start.started == 1_000)
        // A host that has slept looks as if the clock had been set forth.
        #expect(start.follow(at(2_005, ahead: 9_000)) == false)
        #expect(
            start.learn(
                uptime: 4,
                isRetained: false,
                mayBeLate: false,
                at: at(2_006, ahead: 9_000)
            ) == .restarted
        )
        #expect(start.started == 11_002)
        #expect(start.follow(at(2_007, ahead: 8_000)) == true)
        #expect(start.started == 10_002)
        #expect(start.follow(at(2_008, ahead: -99_000)) == true)
        #expect(start.started == 0)
    }

    @Test("A restart is noticed even if no live uptime was seen before it")
    func neverLive() {
        var watch = BrokerStart()
        #expect(
            watch.learn(uptime: 0, isRetained: true, mayBeLate: false, at: second(1_000)) == .learnt
        )
        watch.connect()
        #expect(
            watch.learn(uptime: 0, isRetained: true, mayBeLate: false, at: second(1_006))
                == .uncertain
        )
        #expect(
            watch.learn(uptime: 10, isRetained: false, mayBeLate: false, at: second(1_016))
                == .restarted
        )
    }

    @Test("A young broker that may have restarted leaves it open until a live uptime tells")
    func uncertain() {
        for (live, finding) in [(13, BrokerStart.Finding.same), (9, .restarted)]
            as [(Int64, BrokerStart.Finding)]
        {
            var watch = BrokerStart(started: 1_000)
            #expect(
                watch.learn(uptime: 0, isRetained: true, mayBeLate: false, at: second(1_004))
                    == .uncertain
            )
            #expect(
                watch.learn(uptime: live, isRetained: false, mayBeLate: false, at: second(1_013))
                    == finding
            )
        }
        var old = BrokerStart(started: 1_000)
        #expect(
            old.learn(uptime: 100, isRetained: true, mayBeLate: false, at: second(1_110)) == .same
        )
    }

    @Test("A start that is reckoned from a retained uptime may be 15 seconds off")
    func retained() {
        for (started, finding) in [(915, BrokerStart.Finding.same), (916, .restarted)] {
            var watch = BrokerStart(started: 900)
            let now = Int64(2_000)
            #expect(
                watch.learn(
                    uptime: now - Int64(started),
                    isRetained: true,
                    mayBeLate: false,
                    at: second(now)
                )
                    == finding
            )
        }
    }

    @Test("A live uptime that may have waited proves nothing, unless it is less than another")
    func late() {
        var watch = BrokerStart(started: 900)
        func learn(_ uptime: Int64, _ now: Int64, mayBeLate: Bool) -> BrokerStart.Finding {
            watch.learn(uptime: uptime, isRetained: false, mayBeLate: mayBeLate, at: second(now))
        }
        #expect(learn(1_000, 1_960, mayBeLate: true) == .same)
        #expect(learn(1_010, 1_970, mayBeLate: true) == .same)
        #expect(watch.started == 900)
        #expect(learn(1_000, 1_970, mayBeLate: true) == .restarted)
        #expect(learn(1_010, 1_980, mayBeLate: false) == .same)
        watch.connect()
        #expect(learn(1_000, 1_990, mayBeLate: true) == .restarted)
        var first = BrokerStart()
        let finding = first.learn(uptime: 5, isRetained: false, mayBeLate: true, at: second(15))
        #expect(finding == .learnt)
        #expect(
            first.learn(uptime: 18, isRetained: false, mayBeLate: false, at: second(20)) == .learnt
        )
        #expect(first.started == 2)
    }

    @Test("The first live uptime of a connection may be 3 seconds off")
    func live() {
        for (started, finding) in [(903, BrokerStart.Finding.learnt), (904, .restarted)] {
            var watch = BrokerStart(started: 900)
            let now = Int64(2_000)
            #expect(
                watch.learn(
                    uptime: now - Int64(started),
                    isRetained: false,
                    mayBeLate: false,
                    at: second(now)
                )
                    == finding
            )
            #expect(watch.started == Int64(started))
        }
    }

    @Test("Later live uptimes show only that the clock was stepped, until the next connection")
    func stepped() {
        var watch = BrokerStart(started: 900)
        #expect(
            watch.learn(uptime: 100, isRetained: false, mayBeLate: false, at: second(1_000))
                == .same
        )
        #expect(
            watch.learn(uptime: 110, isRetained: false, mayBeLate: false, at: second(5_010))
                == .learnt
        )
        #expect(watch.started == 4_900)
        watch.connect()
        #expect(
            watch.learn(uptime: 120, isRetained: true, mayBeLate: false, at: second(5_025)) == .same
        )
        #expect(
            watch.learn(uptime: 130, isRetained: false, mayBeLate: false, at: second(5_040))
                == .restarted
        )
    }

    @Test("A restart is noticed though the wall clock was set back, as long as the process lives")
    func setBack() {
        let later = Instant(uptime: 1_300_000, unix: 700_000)
        for isRetained in [true, false] {
            for (uptime, isRestart) in [(400, false), (150, true)] as [(Int64, Bool)] {
                var watch = BrokerStart()
                _ = watch.learn(uptime: 100, isRetained: false, mayBeLate: false, at: second(1_000))
                watch.connect()
                let finding = watch.learn(
                    uptime: uptime,
                    isRetained: isRetained,
                    mayBeLate: false,
                    at: later
                )
                #expect((finding == .restarted) == isRestart)
            }
        }
        // Another process has the wall clock alone.
        var next = BrokerStart(started: 900)
        #expect(
            next.learn(uptime: 150, isRetained: true, mayBeLate: false, at: later) == .same
        )
    }

    @Test("A restart is noticed though the host has slept, while the clock of uptime stood still")
    func slept() {
        var watch = BrokerStart()
        _ = watch.learn(uptime: 100, isRetained: false, mayBeLate: false, at: second(1_000))
        watch.connect()
        let later = Instant(uptime: 1_010_000, unix: 5_000_000)
        #expect(
            watch.learn(uptime: 200, isRetained: true, mayBeLate: false, at: later) == .restarted
        )
    }

    @Test("An uptime that went back is a restart, whatever the clock says")
    func wentBack() {
        var watch = BrokerStart(started: 900)
        #expect(
            watch.learn(uptime: 100, isRetained: false, mayBeLate: false, at: second(1_000))
                == .same
        )
        #expect(
            watch.learn(uptime: 99, isRetained: false, mayBeLate: false, at: second(1_000)) == .same
        )
        watch.connect()
        #expect(
            watch.learn(uptime: 5, isRetained: true, mayBeLate: false, at: second(500))
                == .restarted
        )
        #expect(
            watch.learn(uptime: 6, isRetained: false, mayBeLate: false, at: second(501)) == .same
        )
    }
}
