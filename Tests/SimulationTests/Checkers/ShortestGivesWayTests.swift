import Presence
import Simulation
import Testing

@Suite("Checker of what gives way")
struct ShortestGivesWayTests {
    /// What is said of a watcher with a limit of two that has two subscriptions and asks for more.
    private func breaches(
        holding held: [(user: String, expiry: Int64)] = [("bob", 100), ("carol", 200)],
        maxWatchers: Int = 0,
        evicted: [String] = [],
        rejected: [String] = [],
        subscribed: [String] = ["dave"],
        expiry: Int64 = 300,
        after pause: Int64 = 0
    ) -> [String] {
        var limits = CheckedLimits()
        limits.maxSubscriptions = 2
        limits.maxWatchers = maxWatchers
        return sentences(ShortestGivesWay.self, limits) { trace in
            for (user, expiry) in held { trace.subscribe("wanda", user, expiry: expiry) }
            trace.pass(pause)
            let tag = trace.askSubscribe("wanda", subscribed + rejected, expiry: expiry)
            trace.answerSubscribe(
                "wanda",
                tag,
                subscribed,
                until: trace.second + expiry,
                evicted: evicted,
                rejected: rejected
            )
        }
    }

    @Test("The one with the least time left gives way, and no other")
    func shortest() {
        #expect(breaches(evicted: ["bob"]) == [])
        #expect(
            breaches(evicted: ["carol"]) == [
                "wanda's subscription to carol gave way, and not that to bob"
            ]
        )
        #expect(breaches(evicted: ["bob", "carol"], subscribed: ["dave", "erin"]) == [])
    }

    @Test("Of equals the one with the smaller name gives way")
    func equals() {
        let held: [(String, Int64)] = [("carol", 100), ("bob", 100)]
        #expect(breaches(holding: held, evicted: ["bob"]) == [])
        #expect(breaches(holding: held, evicted: ["carol"]).count == 1)
    }

    @Test("None gives way to one that lasts as long")
    func strictlyLonger() {
        #expect(breaches(evicted: ["bob"], expiry: 101) == [])
        #expect(
            breaches(evicted: ["bob"], expiry: 100) == [
                "wanda's subscription to bob was no shorter"
            ]
        )
    }

    @Test("None is rejected while a shorter one is there, or a place")
    func rejected() {
        let both = ["bob", "carol"]
        #expect(breaches(rejected: ["dave"], subscribed: both, expiry: 100) == [])
        #expect(breaches(rejected: ["dave"], subscribed: ["carol"], expiry: 100) == [])
        #expect(
            breaches(rejected: ["dave"], subscribed: ["carol"], expiry: 101) == [
                "wanda's subscription to bob did not give way to dave"
            ]
        )
        #expect(
            breaches(holding: [("bob", 100)], rejected: ["dave"], subscribed: ["bob"], expiry: 50)
                == ["wanda had a place for dave"]
        )
        // The user may have all the watchers that it may have.
        #expect(breaches(maxWatchers: 1, rejected: ["dave"], subscribed: ["carol"]) == [])
    }

    @Test("What has run out, or was renewed by the request, does not give way")
    func notThere() {
        #expect(breaches(evicted: ["carol"], after: 99_000) == [])
        #expect(breaches(evicted: ["carol"], subscribed: ["bob", "dave"]) == [])
    }

    @Test("What nobody can know is not judged")
    func unsure() {
        let found = sentences(ShortestGivesWay.self) { trace in
            trace.askSubscribe("wanda", ["bob"], expiry: 100)
            trace.restartBridge()
            trace.subscribe("wanda", "carol", expiry: 200)
            let tag = trace.askSubscribe("wanda", ["dave"], expiry: 300)
            trace.answerSubscribe(
                "wanda",
                tag,
                ["dave"],
                until: trace.second + 300,
                evicted: ["carol"]
            )
        }
        #expect(found == [])
    }
}
