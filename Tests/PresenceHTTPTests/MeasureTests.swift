import Testing

@testable import PresenceHTTP

@Suite("Measures for Prometheus")
struct MeasureTests {
    @Test("A histogram has every bucket with all that are below it, the sum and the count")
    func histogram() {
        var histogram = Histogram()
        for value: Int64 in [-1, 100, 101, 2_600, 10_000_001] { histogram.record(value) }
        let text = PrometheusText.text([Measure("turn_seconds", "A turn.", .histogram(histogram))])
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines[1] == "# TYPE turn_seconds histogram")
        #expect(lines[2] == #"turn_seconds_bucket{le="0.0001"} 2"#)
        #expect(lines[3] == #"turn_seconds_bucket{le="0.00025"} 3"#)
        #expect(lines.contains(#"turn_seconds_bucket{le="0.005"} 4"#))
        #expect(lines.contains(#"turn_seconds_bucket{le="10"} 4"#))
        #expect(
            lines.suffix(3) == [
                #"turn_seconds_bucket{le="+Inf"} 5"#, "turn_seconds_sum 10.002802",
                "turn_seconds_count 5",
            ]
        )
    }

    @Test("A gauge is what it is now")
    func gauge() {
        #expect(
            PrometheusText.text([Measure("users", "Users.", .gauge(-2))])
                == "# HELP users Users.\n# TYPE users gauge\nusers -2\n"
        )
    }
}
