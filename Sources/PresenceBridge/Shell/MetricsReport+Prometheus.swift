import PresenceHTTP

/// The same numbers for Prometheus. A metric that has no meaning here is a gauge, under its own name.
extension MetricsReport {
    /// How a number is called there: what it is, and whether it only rises.
    private struct Meaning {
        var help: String
        var isCounted = false
    }

    private static let meanings: [String: Meaning] = [
        "users/online": Meaning(help: "Users with a device online."),
        "users/known": Meaning(help: "Users with a status."),
        "devices/online": Meaning(help: "Devices online."),
        "subscriptions": Meaning(help: "Subscriptions that have not ended."),
        "requests": Meaning(
            help: "Requests received by MQTT, also those that were dropped.",
            isCounted: true
        ),
        "requests/refused": Meaning(
            help: "Requests refused or dropped, since too many answers waited for the broker.",
            isCounted: true
        ),
        "errors": Meaning(
            help: "Answers with an error, and requests that were dropped.",
            isCounted: true
        ),
        "events": Meaning(help: "Messages of events sent.", isCounted: true),
        "updates": Meaning(help: "Statuses and notices in those messages.", isCounted: true),
        "statuses": Meaning(help: "Retained statuses written.", isCounted: true),
        "statuses/shortened": Meaning(
            help: "Statuses that were longer than the broker takes.",
            isCounted: true
        ),
        "audit/mended": Meaning(
            help: "Device topics found to say something else than was known.",
            isCounted: true
        ),
        "broker/drops": Meaning(
            help: "How often the broker said that it has dropped messages, to whomever.",
            isCounted: true
        ),
        "store/rows": Meaning(help: "Users, devices and subscriptions in the store."),
        "memory/resident": Meaning(help: "Resident memory of the bridge in bytes."),
        "uptime": Meaning(help: "Seconds since the bridge was started."),
    ]

    /// The numbers as measures: `requests/refused` is `presence_requests_refused_total`.
    static func measures(_ values: [(name: String, value: Int64)]) -> [Measure] {
        values.map { name, value in
            let meaning = meanings[name] ?? Meaning(help: "The metric \(name).")
            let words = name.split(separator: "/").joined(separator: "_")
            return meaning.isCounted
                ? Measure("presence_\(words)_total", meaning.help, .counter(value))
                : Measure("presence_\(words)", meaning.help, .gauge(value))
        }
    }
}
