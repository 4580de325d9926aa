import Presence
import Testing

@testable import PresenceClient

@Suite("A bridge's numbers")
struct BridgeMetricsTests {
    private func metrics(_ requests: Int64, _ uptime: Int64) -> BridgeMetrics {
        BridgeMetrics(
            bridge: Name(checked: "b"),
            values: ["requests": requests, "uptime": uptime]
        )
    }

    @Test("A rate is told for each second between two rounds, whatever numbers stand in them")
    func rates() {
        #expect(metrics(50, 20).rate(of: "requests", since: metrics(20, 10)) == 3)
        #expect(metrics(50, 10).rate(of: "requests", since: metrics(20, 10)) == nil)
        #expect(metrics(10, 20).rate(of: "requests", since: metrics(20, 10)) == nil)
        let ends = metrics(.max, .max).rate(of: "requests", since: metrics(.min, .min))
        #expect(ends == 1)
        let large: Int64 = 1 << 53
        #expect(metrics(large, large + 1).rate(of: "uptime", since: metrics(large, large)) == 1)
    }
}
