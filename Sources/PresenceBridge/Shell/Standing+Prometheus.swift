import PresenceHTTP

/// How the bridge stands, as numbers for Prometheus.
extension Standing {
    var measures: [Measure] {
        var (isReady, isFailing) = (false, false)
        if case .serving(_, let failure) = self {
            (isReady, isFailing) = (failure == nil, failure != nil)
        }
        return [
            Measure("presence_ready", "Whether it serves, as at /readyz.", .gauge(isReady ? 1 : 0)),
            Measure(
                "presence_store_failing",
                "Whether it serves, and the store took nothing the last time.",
                .gauge(isFailing ? 1 : 0)
            ),
        ]
    }
}
