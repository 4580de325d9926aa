/// Something that is counted or measured, for a monitor.
public struct Measure: Hashable, Sendable {
    /// What it comes to.
    public enum Value: Hashable, Sendable {
        /// Has only risen since the start.
        case counter(Int64)
        /// Is so much now.
        case gauge(Int64)
        /// How long things took, in seconds.
        case histogram(Histogram)
    }

    /// The name, as Prometheus wants it: `presence_requests_total`.
    public var name: String
    /// What it means, in a line.
    public var help: String
    /// What it comes to.
    public var value: Value
    /// Of which of several it is, by the name of the label: `["url": "https://example.org/"]`; not with histograms.
    public var labels: [String: String]

    /// A measure of a name; those of one name stand together.
    public init(_ name: String, _ help: String, _ value: Value, labels: [String: String] = [:]) {
        self.name = name
        self.help = help
        self.value = value
        self.labels = labels
    }
}
