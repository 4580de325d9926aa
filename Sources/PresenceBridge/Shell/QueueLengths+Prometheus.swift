import PresenceHTTP

/// How much waits to be sent, as numbers for Prometheus.
extension QueueLengths {
    var measures: [Measure] {
        [
            Measure(
                "presence_queue_publishes",
                "Publishes that wait for the broker.",
                .gauge(Int64(waiting))
            ),
            Measure(
                "presence_queue_answers",
                "Answers among the publishes that wait for the broker.",
                .gauge(Int64(answers))
            ),
            Measure(
                "presence_queue_in_flight",
                "Publishes that the broker has not acknowledged.",
                .gauge(Int64(onTheirWay))
            ),
        ]
    }
}
