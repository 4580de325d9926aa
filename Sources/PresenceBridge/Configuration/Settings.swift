import Curl
import Logging
import Presence
import PresenceAdoption
import PresenceCore
import PresenceStore

/// Everything that an operator can set, as values that were checked.
///
/// What the protocol limits lies in ``limits``, for the core; the rest says how the bridge reaches
/// the broker, where it stores, and what it tells its operator. `Settings()` has the defaults.
/// Which key sets which of these, and what is allowed, is in ``Setting/all``.
public struct Settings: Hashable, Sendable {
    /// How to reach the broker.
    public var broker = Broker()
    /// What every topic of the protocol begins with; one level or more.
    public var topicPrefix = "presence"
    /// Which topics of others are read, and whose users their things are.
    public var adoption = AdoptionPlan()
    /// Who is described to other programs, if anybody is.
    public var export: ExportPlan?
    /// Where what must outlive the process is kept.
    public var store = Store()
    /// The limits, graces, rates and permissions of the protocol.
    public var limits = Limits()
    /// The most rows of the change log; 0 for no bound.
    public var historyRows = 0
    /// The message expiry of an event, in whole seconds; zero for none.
    public var eventExpiry: Duration = .seconds(60)
    /// The quality of service of an event, 0 or 1.
    public var eventQoS = 1
    /// The time between two publications of the metrics; zero for never.
    public var metricsInterval: Duration = .seconds(10)
    /// The least serious messages that are logged.
    public var logLevel = Logger.Level.info

    /// What is spoken beside MQTT.
    public var http = HTTP()

    /// Who is told of changes by HTTP.
    public var webhooks = Webhooks()

    /// The defaults.
    public init() {}

    /// What the core is told of all this.
    var coreLimits: Limits {
        var limits = limits
        limits.tellsGraces = logLevel <= .debug
        limits.webhookEvents = webhooks.addresses.isEmpty ? [] : webhooks.events
        return limits
    }

    /// Who is told of changes by HTTP, and how.
    public struct Webhooks: Hashable, Sendable {
        /// Where changes are sent.
        public var addresses: [WebAddress] = []
        /// The file of the key that requests are signed with.
        public var secretFile: String?
        /// The key; `nil` where nothing is signed.
        public var secret: [UInt8]?
        /// The file of the authorities that are trusted; `nil` for the system's.
        public var cafile: String?
        /// The kinds of change that are sent.
        public var events: Set<LoggedChange.Kind> = [.online, .offline]
        /// The most changes in one request.
        public var batch = 100
        /// How long a change waits for others.
        public var delay: Duration = .milliseconds(100)
        /// How long changes wait for a receiver that is away, in whole seconds.
        public var keep: Duration = .seconds(7 * 86_400)
        /// How many changes wait for it.
        public var rows = 1_000_000
    }

    /// How HTTP is spoken.
    public struct HTTP: Hashable, Sendable {
        /// `host:port`, or the absolute path of a Unix socket; `nil` where HTTP is not spoken.
        public var listen: String?
        /// The file of tokens.
        public var tokenFile: String?
        /// The most connections at one time.
        public var connections = 1_000
        /// The calls a second of one token.
        public var rate = 1_000
    }

    /// How to reach the broker, and as whom.
    public struct Broker: Hashable, Sendable {
        /// A name, an address, or the absolute path of a Unix socket.
        public var host = "127.0.0.1"
        /// The TCP port; 0 when ``host`` is a Unix socket, as libmosquitto wants it.
        public var port = 1883
        /// The username, if the broker asks for one.
        public var username: String?
        /// The password, be it from `password` or the first line of ``passwordFile``.
        public var password: String?
        /// The file that the password was read from.
        public var passwordFile: String?
        /// The bridge id of the protocol, and the beginning of the MQTT client id.
        public var bridgeID = "presence-bridge"
        /// The version of MQTT to speak.
        public var version = Version.auto
        /// The certificates.
        public var tls = TLS()
        /// The MQTT keep-alive, in whole seconds.
        public var keepAlive: Duration = .seconds(30)

        /// Whether the plugin in the broker, where there is one, passes events on.
        public var usesPlugin = true

        /// Which versions of MQTT may be spoken.
        public enum Version: String, CaseIterable, Hashable, Sendable {
            /// MQTT 5, and MQTT 3.1.1 where that does not work.
            case auto
            /// MQTT 5 alone.
            case newer = "5"
            /// MQTT 3.1.1 alone.
            case older = "3.1.1"
        }

        /// Whether ``host`` is the path of a Unix socket.
        public var isUnixSocket: Bool { host.hasPrefix("/") }
    }

    /// The certificates of a connection over TLS; it is one when ``cafile`` is set.
    public struct TLS: Hashable, Sendable {
        /// The file of the authorities whose certificates are trusted.
        public var cafile: String?
        /// The file of the bridge's own certificate.
        public var certfile: String?
        /// The file of the bridge's own private key.
        public var keyfile: String?
        /// Whether the broker's certificate may be for another name than ``Broker/host``.
        public var insecure = false

        /// Whether the connection is one over TLS.
        public var isOn: Bool { cafile != nil }
    }

    /// Where what must outlive the process is kept, and how safely.
    public struct Store: Hashable, Sendable {
        /// The file, or the database.
        public var location = StoreLocation.file("presence.db")
        /// The file that the password for a database was read from.
        public var passwordFile: String?
        /// The password for a database; `nil` for one in its URI, or one of libpq's own ways.
        public var password: String?
        /// The schema of a database that has the tables.
        public var schema = "presence"
        /// For how long a bridge that owns a database counts as alive after its last sign of life.
        public var lease = Duration.seconds(5)
        /// What a commit waits for.
        public var sync = Sync.full

        /// The database, where the store is in one.
        package var database: DatabaseAddress? {
            guard case .database(let string) = location else { return nil }
            return DatabaseAddress(
                string,
                password: password,
                schema: schema,
                isSynchronous: sync == .full
            )
        }

        /// What a commit waits for: SQLite's `synchronous`.
        public enum Sync: String, CaseIterable, Hashable, Sendable {
            /// The disk: what was acknowledged survives a loss of power.
            case full
            /// The operating system: what was acknowledged survives a crash of the bridge.
            case normal
        }
    }
}
