import CMosquittoBroker
import PresencePluginCore

/// What a callback returns, as mosquitto's functions want it.
enum MosquittoCode {
    static let success = Int32(MOSQ_ERR_SUCCESS.rawValue)
    static let invalid = Int32(MOSQ_ERR_INVAL.rawValue)
    /// For a connection that is refused.
    static let refused = Int32(MOSQ_ERR_AUTH.rawValue)
    /// For an act that is denied.
    static let denied = Int32(MOSQ_ERR_ACL_DENIED.rawValue)
    /// For what the next plugin, or the rest of the broker's configuration, decides.
    static let deferred = Int32(MOSQ_ERR_PLUGIN_DEFER.rawValue)
}

extension Departure {
    /// Why a connection ended, by what the broker says: mosquitto 2.0 says -1 whatever it was.
    init(_ reason: Int32) {
        switch reason {
        case -1: self = .untold
        case MosquittoCode.success: self = .orderly
        // A login that is no longer right after a reload, and an operator's command. The latter by the
        // number of 2.1, that of MQTT 5: the headers of 2.0 have another one.
        case MosquittoCode.refused, 0x98: self = .thrownOut
        default: self = .lost
        }
    }
}
