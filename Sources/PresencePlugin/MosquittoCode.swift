import CMosquittoBroker

/// What a callback returns, as mosquitto's functions want it.
enum MosquittoCode {
    static let success = Int32(MOSQ_ERR_SUCCESS.rawValue)
    static let invalid = Int32(MOSQ_ERR_INVAL.rawValue)
    /// The connection is refused.
    static let refused = Int32(MOSQ_ERR_AUTH.rawValue)
    /// The act is.
    static let denied = Int32(MOSQ_ERR_ACL_DENIED.rawValue)
    /// Whoever is next decides.
    static let deferred = Int32(MOSQ_ERR_PLUGIN_DEFER.rawValue)
}
