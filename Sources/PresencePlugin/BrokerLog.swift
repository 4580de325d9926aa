import CMosquittoBroker

/// The broker's log.
enum BrokerLog {
    static func error(_ text: String) { write(MOSQ_LOG_ERR, text) }
    static func warning(_ text: String) { write(MOSQ_LOG_WARNING, text) }
    static func notice(_ text: String) { write(MOSQ_LOG_NOTICE, text) }

    /// Writes one line, whatever is in the text: it may come from a client.
    private static func write(_ level: Int32, _ text: String) {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
        unsafe broker_log(level, "presence plugin: \(String(String.UnicodeScalarView(line)))")
    }
}
