import Presence
import Testing

@testable import PresenceCore

@Suite("Token buckets")
struct TokenBucketTests {
    @Test("A full bucket gives its burst, and then as many a second as its rate")
    func rate() {
        var bucket = TokenBucket(burst: 3, at: 0)
        let first = (0..<5).count { _ in bucket.take(rate: 10, burst: 3, at: 0) }
        #expect(first == 3)
        #expect(bucket.wait(rate: 10) == 100)
        #expect(bucket.take(rate: 10, burst: 3, at: 99) == false)
        #expect(bucket.wait(rate: 10) == 1)
        #expect(bucket.take(rate: 10, burst: 3, at: 100) == true)
        let taken = (101...10_100).count { bucket.take(rate: 10, burst: 3, at: Int64($0)) }
        #expect(taken == 100)
    }

    @Test("A bucket never holds more than its burst, however long the pause")
    func burst() {
        var bucket = TokenBucket(burst: 2, at: 0)
        for time in [Int64(1_000_000), Int64.max / 2] {
            #expect(bucket.take(rate: 1_000_000, burst: 2, at: time) == true)
            #expect(bucket.take(rate: 1_000_000, burst: 2, at: time) == true)
            #expect(bucket.take(rate: 1_000_000, burst: 2, at: time) == false)
        }
    }

    @Test("A bucket is full again after the time that its tokens take")
    func full() {
        var bucket = TokenBucket(burst: 5, at: 0)
        #expect(bucket.isFull(rate: 10, burst: 5, at: 0) == true)
        _ = bucket.take(rate: 10, burst: 5, at: 0)
        #expect(bucket.isFull(rate: 10, burst: 5, at: 99) == false)
        #expect(bucket.isFull(rate: 10, burst: 5, at: 100) == true)
    }

    @Test("One refusal a second is said, and the newest of each device is held in order")
    func metering() {
        var metering = RateMeter<Int>()
        let (alice, phone, web) = (
            Name(checked: "alice"), Name(checked: "phone"), Name(checked: "web")
        )
        func at(_ uptime: Int64) -> Instant { Instant(uptime: uptime, unix: 0) }
        #expect(metering.take(alice, rate: 1, burst: 1, at: at(0)) == .passes)
        #expect(metering.take(alice, rate: 1, burst: 1, at: at(10)) == .refused(wait: 990))
        #expect(metering.take(alice, rate: 1, burst: 1, at: at(999)) == .dropped)
        let third = Name(checked: "third")
        let kept = [(1, phone), (2, web), (3, phone), (4, third)].map { what, device in
            metering.put(what, of: alice, device, limit: 2)
        }
        #expect(kept == [.first, .kept, .kept, .dropped])
        #expect(metering.takeDeferred(alice) == 3)
        #expect(metering.takeDeferred(alice) == 2)
        #expect(metering.takeDeferred(alice) == nil)
        #expect(!metering.hasDeferred(of: alice))
    }

    @Test("Buckets that are full again are dropped in a crowd, and busy ones are not")
    func sweep() {
        var metering = RateMeter<Int>()
        let busy = Name(checked: "busy")
        for number in 0..<5_000 {
            let now = Instant(uptime: Int64(number), unix: 0)
            _ = metering.take(Name(checked: "u\(number)"), rate: 1_000, burst: 1, at: now)
            _ = metering.take(busy, rate: 0, burst: 3, at: now)
        }
        let now = Instant(uptime: 5_000, unix: 0)
        #expect(metering.take(busy, rate: 0, burst: 3, at: now) != .passes)
    }
}
