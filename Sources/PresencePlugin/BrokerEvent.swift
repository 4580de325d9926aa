import CMosquittoBroker

/// The broker's events by their numbers, which are the same in every release that has them.
///
/// The names of the last two are in the headers of mosquitto 2.1 only. One plugin serves both: a
/// broker that does not have an event says so when it is asked for it.
enum BrokerEvent {
    static let reload = Int32(MOSQ_EVT_RELOAD.rawValue)
    static let accessCheck = Int32(MOSQ_EVT_ACL_CHECK.rawValue)
    static let basicAuthentication = Int32(MOSQ_EVT_BASIC_AUTH.rawValue)
    static let control = Int32(MOSQ_EVT_CONTROL.rawValue)
    static let message = Int32(MOSQ_EVT_MESSAGE.rawValue)
    static let tick = Int32(MOSQ_EVT_TICK.rawValue)
    static let disconnect = Int32(MOSQ_EVT_DISCONNECT.rawValue)
    /// Who came in, told once the password is checked.
    static let connect: Int32 = 11
    /// The end of a connection whose session outlives it: told in place of `disconnect`.
    static let clientOffline: Int32 = 28
}
