import Simulation
import Testing

@Suite("Checker: no grace over what waits")
struct NoGraceOverWaitingTests {
    private static let will = #"{"status":"lost","session":"s1"}"#
    private static let birth = #"{"status":"online","session":"s2"}"#

    /// What is found when a device of bob is told to be gone after what happened.
    private func breaches(_ happens: (inout Trace) -> Void) -> [String] {
        var limits = CheckedLimits()
        (limits.offlineGrace, limits.logoutGrace) = (3_000, 1_000)
        return sentences(NoGraceOverWaiting.self, limits) { trace in
            trace.state("bob", "d", #"{"status":"online","session":"s1"}"#)
            trace.status(.online("bob", seq: 1))
            trace.pass(10_000)
            happens(&trace)
            trace.pass(5_000)
            trace.status(.offline("bob", seq: 2, cause: "lost"))
        }
    }

    /// A device goes and is back after a while.
    private func blink(
        _ trace: inout Trace,
        _ end: String = will,
        after pause: Int64,
        _ birth: String = birth
    ) {
        trace.state("bob", "d", end, by: end == "offline" ? .device : .will)
        trace.pass(pause)
        trace.state("bob", "d", birth)
    }

    @Test("A device that was back in its grace is found where it is told to be gone")
    func lost() {
        #expect(
            breaches { blink(&$0, after: 300) }
                == ["bob's d is told to be gone, and was back before its grace ended"]
        )
        #expect(breaches { blink(&$0, after: 3_100) } == [])
        #expect(breaches { $0.state("bob", "d", Self.will, by: .will) } == [])
    }

    @Test("A logout has a grace of its own")
    func logout() {
        #expect(breaches { blink(&$0, "offline", after: 300) }.count == 1)
        #expect(breaches { blink(&$0, "offline", after: 1_100) } == [])
    }

    @Test("One of several devices is found, and so is one that blinked twice")
    func several() {
        let found = breaches { trace in
            trace.state("bob", "e", "online")
            trace.status(.online("bob", ["d": "online", "e": "online"], seq: 2))
            blink(&trace, after: 300)
            trace.status(.online("bob", ["e": "online"], seq: 3))
        }
        #expect(found.count == 1)
        let twice = breaches { trace in
            blink(&trace, after: 300)
            trace.pass(2_000)
            trace.state("bob", "d", #"{"status":"lost","session":"s2"}"#, by: .will)
            trace.pass(300)
            trace.state("bob", "d", #"{"status":"online","session":"s3"}"#)
        }
        #expect(twice.count == 1)
    }

    @Test("Whoever has gone since is gone, but not by the will of another connection")
    func goneSince() {
        let ends: [(String, Entry.Speaker, Int)] = [
            (#"{"status":"lost","session":"s2"}"#, .will, 0), ("offline", .device, 0),
            ("", .device, 0), ("invisible", .device, 0), ("lost", .will, 0), (Self.will, .will, 1),
        ]
        for (end, speaker, count) in ends {
            let found = breaches { trace in
                blink(&trace, after: 300)
                trace.pass(1_000)
                trace.state("bob", "d", end, by: speaker)
            }
            #expect(found.count == count, "\(end)")
        }
    }

    @Test("A promise that is broken ends the device, and one that is kept does not")
    func promise() {
        for (ttl, count) in [(5, 0), (6, 1)] {
            let birth = #"{"status":"online","session":"s2","ttl":\#(ttl)}"#
            #expect(breaches { blink(&$0, after: 300, birth) }.count == count)
        }
    }

    @Test("What disturbs the bridge excuses it until the next rest, and no fault of a client does")
    func disturbed() {
        let faults: [(Fault, Int)] = [
            (.messagesDropped, 0), (.bridgePaused, 0), (.clientCrashed, 1), (.userCut, 1),
        ]
        for (fault, count) in faults {
            let found = breaches { trace in
                trace.add(.fault(fault))
                blink(&trace, after: 300)
            }
            #expect(found.count == count, "\(fault)")
        }
        let restarted = breaches { trace in
            trace.restartBridge()
            blink(&trace, after: 300)
        }
        #expect(restarted == [])
        let rested = breaches { trace in
            trace.add(.fault(.messagesDropped))
            trace.add(.rest(Rest()))
            trace.state("bob", "d", #"{"status":"online","session":"s1"}"#)
            blink(&trace, after: 300)
        }
        #expect(rested.count == 1)
    }
}
