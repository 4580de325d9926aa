import Simulation
import Testing

@Suite("Checkers of adopted things")
struct AdoptedCheckersTests {
    private static let all: [AdoptedThing] = [.plug, .hub, .lamp, .roof, .cell]

    private static func begin(_ trace: inout Trace) {
        trace.add(.adopted(all))
        trace.pass(60_000)
        for thing in all {
            trace.add(.published(AdoptedSeen(thing, .on("online"))))
            trace.status(.online(thing.user, seq: 1))
        }
        trace.pass(60_000)
    }

    private func say(_ trace: inout Trace, _ thing: AdoptedThing, _ saying: AdoptedSaying) {
        trace.add(.published(AdoptedSeen(thing, saying)))
        trace.pass(3_000)
    }

    /// What is said of a thing that is told gone for a cause.
    private func breaches(
        _ user: String,
        _ cause: String,
        _ build: (inout Trace) -> Void = { _ in }
    ) -> [String] {
        sentences(CauseIsTrue.self) { trace in
            Self.begin(&trace)
            build(&trace)
            trace.status(.offline(user, seq: 2, cause: cause))
        }
    }

    @Test("A cause that nobody has given is found")
    func causes() {
        for cause in ["logout", "lost", "ttl", "restart"] {
            #expect(
                breaches("plug", cause)
                    == ["plug is told gone by \(cause), and nothing was said of that"]
            )
        }
        #expect(breaches("plug", "lost") { say(&$0, .plug, .lost) } == [])
        #expect(breaches("plug", "logout") { say(&$0, .plug, .ended) } == [])
        #expect(breaches("plug", "lost") { say(&$0, .plug, .ended) }.count == 1)
        #expect(breaches("plug", "logout") { say(&$0, .plug, .lost) }.count == 1)
        #expect(breaches("roof", "ttl") == [])
    }

    @Test("A word long before its thing was there again is no cause, and a gateway's is")
    func older() {
        #expect(
            breaches("plug", "lost") { trace in
                say(&trace, .plug, .lost)
                say(&trace, .plug, .on("online"))
                trace.pass(60_000)
            }.count == 1
        )
        #expect(breaches("lamp", "lost") { say(&$0, .hub, .lost) } == [])
        #expect(breaches("plug", "lost") { say(&$0, .hub, .lost) }.count == 1)
    }

    @Test("After a restart of the broker any cause may be, until the thing speaks")
    func restart() {
        let restarts = { (trace: inout Trace) in
            trace.add(.brokerStarted)
            trace.pass(20_000)
        }
        #expect(breaches("plug", "restart", restarts) == [])
        #expect(
            breaches("plug", "restart") { trace in
                restarts(&trace)
                say(&trace, .plug, .on("online"))
            }.count == 1
        )
    }

    @Test("A bridge that writes to a topic that is not its own is found")
    func writing() {
        let found = sentences(WritesNothingElsewhere.self) { trace in
            Self.begin(&trace)
            trace.add(.wroteElsewhere(topic: "tele/p/LWT"))
        }
        #expect(found == ["the bridge has written to tele/p/LWT"])
        #expect(sentences(WritesNothingElsewhere.self) { Self.begin(&$0) } == [])
    }

    @Test("In a quiet restart a thing may be told of only where nobody can say what it is")
    func quiet() {
        for (unsure, count) in [([], 1), (["plug/d"], 0)] as [(Set<String>, Int)] {
            let found = sentences(QuietMeansQuiet.self) { trace in
                Self.begin(&trace)
                let statuses = ["plug": StatusSeen.online("plug", seq: 1)]
                let truth = ["plug": ["d": "online"]]
                trace.add(.rest(Rest(truth: truth, unsure: unsure, statuses: statuses)))
                trace.add(.quietBegan(.bridgeRestart))
                trace.status(.offline("plug", seq: 2))
            }
            #expect(found.count == count)
        }
    }

    // MARK: - Coverage

    private func coverage(_ build: (inout Trace) -> Void) -> Coverage {
        var trace = Trace()
        trace.add(.bridgeServes(epoch: 1))
        Self.begin(&trace)
        build(&trace)
        var inspection = Inspection([])
        inspection.read(trace.entries)
        return inspection.coverage
    }

    @Test("Each end, flaps, garbage and sleep are counted")
    func counts() {
        for (cause, rule) in [
            ("logout", Coverage.Rule.adoptedLogout), ("lost", .adoptedLost), ("ttl", .adoptedTTL),
            ("restart", .adoptedRestart),
        ] {
            let reached = coverage { $0.status(.offline("plug", seq: 2, cause: cause)) }
            #expect(reached[rule] == 1, "\(cause)")
        }
        #expect(coverage { say(&$0, .plug, .garbage) }[.adoptedGarbage] == 1)
        let flap = coverage { trace in
            say(&trace, .plug, .lost)
            say(&trace, .plug, .on("online"))
        }
        #expect(flap[.adoptedFlap] == 1)
        let sleep = coverage { trace in
            trace.status(.online("cell", ["d": "sleeping"], seq: 2))
            trace.status(.offline("cell", seq: 3, cause: "lost"))
        }
        #expect(sleep[.adoptedSleeps] == 1)
        #expect(sleep[.adoptedOverslept] == 1)
        #expect(coverage { _ in }.missingOfAdopted == Coverage.ofAdopted)
    }

    @Test(
        "Going with the gateway and coming back with it are counted, and a word of one's own is not"
    )
    func gateways() {
        let goes = { (trace: inout Trace) in
            say(&trace, .hub, .lost)
            trace.status(.offline("lamp", seq: 2, cause: "lost"))
            say(&trace, .hub, .on("online"))
        }
        let back = coverage { trace in
            goes(&trace)
            trace.status(.online("lamp", seq: 3))
        }
        #expect(back[.goneWithGateway] == 1)
        #expect(back[.backWithGateway] == 1)
        let speaks = coverage { trace in
            goes(&trace)
            say(&trace, .lamp, .on("online"))
            trace.status(.online("lamp", seq: 3))
        }
        #expect(speaks[.backWithGateway] == 0)
    }

    @Test("Who is back first after a restart of the broker is counted")
    func order() {
        let restart = { (trace: inout Trace) in
            trace.add(.quietBegan(.plainRestart))
            trace.add(.brokerStarted)
        }
        let first = coverage { trace in
            restart(&trace)
            say(&trace, .plug, .on("online"))
            trace.add(.bridgeServes(epoch: 2))
            say(&trace, .roof, .on("online"))
        }
        #expect(first[.adoptedFirst] == 1)
        #expect(first[.adoptedAfter] == 1)
    }
}
