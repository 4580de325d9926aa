import Mosquitto
import Presence

/// Where a client connects to, as whom, and how patient it is.
public struct ClientOptions: Sendable {
    /// A name, an address, or the path of a Unix socket; without a scheme and a port.
    public var host: String
    /// The TCP port; it is ignored for a Unix socket.
    public var port: UInt16
    /// Transport encryption, or `nil` for none.
    public var tls: TLSOptions?
    /// The user: the MQTT username, which the broker authenticates.
    public var username: String
    /// The password, if the broker wants one.
    public var password: String?
    /// The name of the device, unique among the user's own and the same at each start.
    ///
    /// 1 to 64 bytes without `/`, `+`, `#` and control characters. It need not be the MQTT client
    /// identifier, and should not be: who knows that one can throw the connection off.
    public var device: String
    /// The MQTT client identifier; `nil`, the default, for one that nobody can guess, which a client
    /// keeps over its reconnections.
    ///
    /// Client identifiers are one space for all users of a broker, and whoever connects with another
    /// one's throws that one off. One that is given here should be known to nobody else.
    public var clientID: String?

    /// Whether the device is made known, so that its user is online.
    ///
    /// Pure watchers say no. They are then not seen either where the broker's plugin makes devices of
    /// all that connect (`auto_presence`), unless ``clientID`` was given.
    public var announces = true
    /// The word that the device states at first.
    public var status: StatusWord = .online
    /// A promise to state something again within this time, 5 s to 1 day, which the client keeps; 5
    /// minutes by default, `nil` for no promise.
    ///
    /// It ends the device when it goes and no last will comes: the broker was killed and the device
    /// did not come back, an operator threw it out, or the bridge never heard of the will. It costs one
    /// retained message every third of the time, of which nobody is told. A machine that
    /// sleeps for longer is lost, and online again when it wakes.
    public var ttl: Duration? = .seconds(300)

    /// The levels in front of all topics, as the bridge was told (`topic_prefix`): up to 256 bytes,
    /// without `+`, `#`, control characters and empty levels, no `$` in front.
    public var topicPrefix = "presence"
    /// The version of MQTT.
    public var protocolVersion: ProtocolVersion = .v5
    /// The keep-alive in seconds, 5 to 65,535, or 0 for none.
    public var keepAlive: UInt16 = 30
    /// How long the first connection may take.
    public var connectTimeout: Duration = .seconds(10)
    /// How long an answer may take, also across restarts of bridge and broker: what is not
    /// answered is asked again until then.
    public var answerTimeout: Duration = .seconds(10)

    /// The usual options of a device.
    public init(
        host: String = "localhost",
        port: UInt16 = 1883,
        username: String,
        password: String? = nil,
        device: String
    ) {
        self.host = host
        self.port = port
        self.username = username
        self.password = password
        self.device = device
    }
}

extension ClientOptions {
    /// The client identifier that was given, or a new one of 256 random bits.
    ///
    /// It has more than the 64 bytes of a device's name. So the broker's plugin, where it speaks for a
    /// client, hashes it, and nobody reads it in a status.
    var chosenClientID: String {
        let prefix = announces ? "presence-" : ClientIdentifier.watcherPrefix
        return clientID ?? prefix + String.randomHexadecimal(bytes: 32)
    }

    /// What MQTT needs of it, with the identifier of the client and the will of one connection.
    func connection(clientID: String, will: Message?) -> ConnectionOptions {
        var options = ConnectionOptions(clientID: clientID, host: host, port: port)
        options.username = username
        options.password = password
        options.tls = tls
        options.keepAlive = keepAlive
        options.protocolVersion = protocolVersion
        options.will = will
        return options
    }

    /// The names in the topics.
    ///
    /// - Throws: ``PresenceError/invalidOption(_:)`` that says what is right.
    func names() throws(PresenceError) -> (user: Name, device: Name) {
        guard let user = Name(user: username) else {
            throw .invalidOption("the username \(username.debugDescription) is none: \(Name.rule)")
        }
        guard let device = Name(device: device) else {
            throw .invalidOption(
                "the device's name \(self.device.debugDescription) is none: \(Name.rule)"
            )
        }
        guard StatusWord(stated: status.text) != .lost else {
            throw .invalidOption("the status \(status) is what a last will says")
        }
        if let fault = HostAddress.fault(of: host) {
            throw .invalidOption("the host \(host.debugDescription) \(fault)")
        }
        if let fault = TopicPrefix.fault(of: topicPrefix) {
            let prefix = topicPrefix.debugDescription
            throw .invalidOption(
                "the topic prefix \(prefix) \(fault); allowed: \(TopicPrefix.rule)"
            )
        }
        if let ttl, !Statement.ttlRange.contains(ttl.wholeSeconds) {
            throw .invalidOption("the ttl is 5 s to 1 day; this one is \(ttl)")
        }
        return (user, device)
    }
}

extension Duration {
    /// The duration as the protocol has it, rounded up.
    var wholeSeconds: Int64 {
        let (seconds, attoseconds) = components
        return attoseconds > 0 && seconds < .max ? seconds + 1 : seconds
    }
}
