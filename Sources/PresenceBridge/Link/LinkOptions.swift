import Mosquitto
import Presence
import PresenceCore

extension ConnectionOptions {
    /// The bridge's connection, with the will that says that it is away.
    init(_ settings: Settings, _ clientID: String, _ topics: Topics, _ version: ProtocolVersion) {
        let broker = settings.broker
        self.init(clientID: clientID, host: broker.host, port: UInt16(clamping: broker.port))
        username = broker.username
        password = broker.password
        keepAlive = UInt16(clamping: broker.keepAlive.milliseconds / 1_000)
        protocolVersion = version
        will = Message(
            topic: topics.bridge(broker.bridgeID),
            payload: BridgeState.offline,
            qos: 1,
            retain: true
        )
        sendMaximum = UInt16(LinkBounds.sendMaximum)
        guard broker.tls.isOn else { return }
        var tls = TLSOptions(certificateAuthorityFile: broker.tls.cafile)
        tls.certificateFile = broker.tls.certfile
        tls.keyFile = broker.tls.keyfile
        tls.acceptsAnyHostName = broker.tls.insecure
        self.tls = tls
    }
}
