import Mosquitto
import Presence

extension PresenceClient {
    /// The numbers of the bridge, for operators: those of its last round, if it told any, and then
    /// each round when the bridge publishes it (its `metrics_interval`).
    ///
    /// The user needs the right to read `<prefix>/bridge/+/metrics/#`. The stream ends when the broker
    /// refuses that; many brokers keep silent to one without the right, and then nothing comes. It
    /// goes on over restarts, and ends when the client is closed; a slow reader gets the newest
    /// rounds.
    public func metrics() -> AsyncStream<BridgeMetrics> {
        let (stream, reader) = AsyncStream.makeStream(
            of: BridgeMetrics.self,
            bufferingPolicy: .bufferingNewest(16)
        )
        if case .over = phase {
            reader.finish()
            return stream
        }
        metricReaders.append(reader)
        // What is retained comes again, for the new reader.
        state.metrics = MetricsRounds()
        if case .up(let connection) = phase { readMetrics(on: connection) }
        return stream
    }

    /// Subscribes to the numbers, if someone wants them.
    ///
    /// A broker that refuses it leaves the rest of the connection as it is.
    func readMetrics(on connection: Connection) {
        guard !metricReaders.isEmpty else { return }
        // A connection that does not take it is about to end, and the next one takes it.
        metricsPacket = try? connection.subscribe(
            [topics.metric("+", "#")],
            options: SubscriptionOptions(qos: 1)
        )
    }

    func endMetrics() {
        Self.finish(metricReaders)
        metricReaders = []
    }

    func tell(_ round: BridgeMetrics) {
        metricReaders.removeAll { reader in
            if case .terminated = reader.yield(round) { true } else { false }
        }
    }

    nonisolated static func finish(_ readers: [AsyncStream<BridgeMetrics>.Continuation]) {
        for reader in readers { reader.finish() }
    }
}
