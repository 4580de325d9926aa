import Testing

@testable import PresenceBridge

@Suite("Latencies of an interval")
struct LatenciesTests {
    @Test("Median and 99th percentile are right to an eighth, and never below")
    func quantiles() {
        for unit in [1, 10, 1_000, 50_000, 1 << 40] as [Int64] {
            var latencies = Latencies()
            for value in 1...1_000 { latencies.record(Int64(value) * unit) }
            let (median, p99) = latencies.take()
            #expect(median >= 500 * unit && median <= 500 * unit * 9 / 8)
            #expect(p99 >= 990 * unit && p99 <= 990 * unit * 9 / 8)
        }
    }

    @Test("An interval without any has none, and begins anew behind each")
    func intervals() {
        var latencies = Latencies()
        #expect(latencies.take() == (0, 0))
        latencies.record(7)
        #expect(latencies.take() == (7, 7))
        #expect(latencies.take() == (0, 0))
    }

    @Test("What no clock can tell is no reason to end")
    func extremes() {
        var latencies = Latencies()
        latencies.record(.max)
        latencies.record(.min)
        let (median, p99) = latencies.take()
        #expect(median == 0)
        #expect(p99 == .max)
    }
}
