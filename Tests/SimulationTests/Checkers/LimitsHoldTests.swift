import Presence
import Simulation
import Testing

@Suite("Checker: the limits hold")
struct LimitsHoldTests {
    private var limits: CheckedLimits {
        var limits = CheckedLimits()
        limits.maxSubscriptions = 2
        limits.maxWatchers = 2
        limits.maxDevices = 2
        limits.maxMessage = 500
        return limits
    }

    private func breaches(_ build: (inout Trace) -> Void) -> Int {
        sentences(LimitsHold.self, limits, build).count
    }

    private func put(_ watcher: UserID, _ user: UserID, _ expires: Int64 = 9_000_000_000) -> Change
    {
        .putSubscription(SubscriptionRecord(watcher: watcher, user: user, expires: expires))
    }

    @Test("Subscriptions up to the limit pass, also when one has run out or gives way")
    func subscriptions() {
        #expect(
            breaches { trace in
                trace.add(.stored([put(1, 10), put(1, 11), put(1, 11)]))
                trace.add(.stored([.removeSubscription(watcher: 1, user: 10), put(1, 12)]))
                trace.add(.stored([put(2, 10, trace.second - 1), put(2, 11), put(2, 12)]))
            } == 0
        )
    }

    @Test("One subscription too many is found, and one watcher too many")
    func tooMany() {
        #expect(
            breaches { trace in
                trace.add(.stored([put(1, 10), put(1, 11)]))
                trace.add(.stored([put(1, 0)]))
            } == 1
        )
        #expect(breaches { $0.add(.stored([put(1, 9), put(2, 9), put(3, 9)])) } == 3)
        #expect(breaches { $0.add(.stored([put(1, 0), put(2, 0), put(3, 0)])) } == 0)
    }

    @Test("Too many of them by an answer or at a rest are found")
    func answers() {
        #expect(
            breaches { trace in
                trace.answer("wanda", "subscriptions", "t", [("total", .integer(2))])
                trace.answer("wanda", "watchers", "t", [("total", .integer(2))])
                trace.add(.rest(Rest(subscriptions: ["wanda": ["a": 1, "b": 1]])))
            } == 0
        )
        #expect(
            breaches { trace in
                trace.answer(
                    "wanda",
                    "subscriptions",
                    "t",
                    [("total", .integer(2)), ("all", .object(JSONObject([])))]
                )
                trace.answer("wanda", "watchers", "t", [("total", .integer(3))])
                trace.add(.rest(Rest(subscriptions: ["wanda": ["a": 1, "b": 1, "*": 1]])))
            } == 3
        )
    }

    @Test("Too many devices are found wherever they are seen")
    func devices() {
        let crowd = StatusSeen.online("bob", ["a": "x", "b": "x", "c": "x"], seq: 1)
        #expect(
            breaches { trace in
                trace.status(crowd)
                trace.tell("wanda", crowd)
            } == 2
        )
    }

    @Test("A message too long is found, unless it tells one thing")
    func bytes() {
        let bob = EventSeen.status(.online("bob", seq: 1))
        let carol = EventSeen.status(.online("carol", seq: 1))
        #expect(breaches { $0.add(.told(watcher: "w", [bob, carol], bytes: 501)) } == 1)
        #expect(breaches { $0.add(.told(watcher: "w", [bob, carol], bytes: 500)) } == 0)
        #expect(breaches { $0.add(.told(watcher: "w", [bob], bytes: 501)) } == 0)
    }

    @Test("Messages nearer than the interval are found, and the parts of one pass")
    func interval() {
        for (pause, bytes, count) in [
            (100, 200, 0), (45, 200, 0), (30, 200, 1), (0, 200, 1), (0, 400, 0),
        ] as [(Int64, Int, Int)] {
            #expect(
                breaches { trace in
                    let bob = EventSeen.status(.online("bob", seq: 1))
                    trace.add(.told(watcher: "w", [bob], bytes: bytes))
                    trace.pass(pause)
                    trace.add(.told(watcher: "w", [bob], bytes: bytes))
                } == count,
                "\(pause) ms, \(bytes) bytes"
            )
        }
    }

    @Test("A new bridge, and a stalled connection, may be nearer")
    func nearer() {
        for event in [Entry.Event.bridgeStarted, .bridgeCutOff, .fault(.bridgePartitioned)] {
            #expect(
                breaches { trace in
                    trace.tell("wanda", .online("bob", seq: 1))
                    trace.pass(10)
                    trace.add(event)
                    trace.tell("wanda", .online("bob", seq: 1))
                } == 0
            )
        }
    }

    @Test("A user comes once in a message, unless a subscription ended in between")
    func doubles() {
        #expect(
            breaches { $0.tell("wanda", .online("bob", seq: 1), .online("bob", seq: 2)) } == 1
        )
        #expect(
            breaches { trace in
                let tellings: [EventSeen] = [
                    .status(.online("bob", seq: 1)), .ended(user: "bob", how: "evicted"),
                    .status(.online("bob", seq: 2)),
                ]
                trace.add(.told(watcher: "wanda", tellings, bytes: 400))
            } == 0
        )
        #expect(breaches { $0.tell("wanda") } == 1)
    }
}
