/// Measures in the text format of Prometheus, version 0.0.4.
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func text(_ measures: [Measure]) -> String {
        var text = ""
        var last = ""
        for measure in measures {
            if measure.name != last {
                text += "# HELP \(measure.name) \(measure.help)\n"
                text += "# TYPE \(measure.name) \(type(of: measure.value))\n"
            }
            last = measure.name
            switch measure.value {
            case .counter(let value), .gauge(let value):
                text += "\(measure.name)\(list(measure.labels)) \(value)\n"
            case .histogram(let histogram):
                text += lines(of: histogram, measure.name)
            }
        }
        return text
    }

    private static func type(of value: Measure.Value) -> String {
        switch value {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    private static func list(_ labels: [String: String]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.sorted { $0.key < $1.key }.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func lines(of histogram: Histogram, _ name: String) -> String {
        var text = ""
        var total: Int64 = 0
        for (bound, count) in zip(Histogram.bounds, histogram.counts) {
            total += count
            text += "\(name)_bucket{le=\"\(seconds(bound))\"} \(total)\n"
        }
        total += histogram.counts[Histogram.bounds.count]
        text += "\(name)_bucket{le=\"+Inf\"} \(total)\n"
        text += "\(name)_sum \(seconds(histogram.sum))\n"
        text += "\(name)_count \(total)\n"
        return text
    }

    /// Microseconds in seconds, without the noise of binary fractions: `0.0025`.
    private static func seconds(_ microseconds: Int64) -> String {
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        guard rest > 0 else { return "\(whole)" }
        var digits = String(rest)
        digits = String(repeating: "0", count: 6 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
