import Presence
import Testing

@testable import PresenceClient

private let now = ContinuousClock.now

@Suite("Subscriptions that are renewed")
struct RenewalsTests {
    private let bob = Name(checked: "bob")

    @Test("They are due at half of their duration, and again after a while if that failed")
    func due() {
        var renewals = Renewals()
        renewals.keep(bob, expiry: 100, until: 0, time: 0, at: now)
        #expect(renewals.due(at: now + .seconds(49)).isEmpty)
        #expect(renewals.due(at: now + .seconds(50)).map(\.users) == [[bob]])
        #expect(renewals.due(at: now + .seconds(51)).isEmpty)
        #expect(renewals.nextRenewal == now + .seconds(50) + Renewals.retryAfter)
        renewals.keep(bob, expiry: 100, until: 0, time: 0, at: now + .seconds(52))
        #expect(renewals.nextRenewal == now + .seconds(102))
    }

    @Test("One that ran out is due at once; one that was dropped never")
    func ended() {
        var renewals = Renewals()
        renewals.keep(bob, expiry: nil, until: 1_000, time: 0, at: now)
        renewals.keep(nil, expiry: nil, until: 1_000, time: 0, at: now)
        renewals.hasEnded(bob, at: now)
        renewals.hasEnded(Name(checked: "carol"), at: now)
        #expect(renewals.due(at: now).map(\.users) == [[bob]])
        #expect(renewals.keeps(bob) && renewals.keeps(nil))
        renewals.drop(bob)
        #expect(!renewals.keeps(bob))
        renewals.drop(nil)
        #expect(renewals.nextRenewal == nil)
    }

    @Test("The bridge's own choice counts by this clock, within a minute and its default")
    func chosen() {
        let times: [(Int64, Int64, Int)] = [
            (1_000, 800, 100), (1_000, 999, 30), (1_000, 2_000, 30), (.min, 2_000, 30),
            (.max, -1, 302_400), (9_000_000, 1_000, 302_400),
        ]
        for (expires, time, seconds) in times {
            var renewals = Renewals()
            renewals.keep(bob, expiry: nil, until: expires, time: time, at: now)
            #expect(renewals.nextRenewal == now + .seconds(seconds), "\(expires) at \(time)")
        }
    }
}
