import Mosquitto
import Presence
import PresenceCore

extension Message {
    /// What a bridge retains of itself.
    init(stateOf bridge: String, _ payload: [UInt8], _ topics: Topics) {
        self.init(topic: topics.bridge(bridge), payload: payload, qos: 1, retain: true)
    }

    /// Which of the bridge's connections left it, by a user property: only MQTT 5 has those.
    var connectionID: String? {
        get { properties.userProperties.last { $0.name == "connection" }?.value }
        set { properties.userProperties = newValue.map { [UserProperty("connection", $0)] } ?? [] }
    }

    init(_ reply: Reply) {
        self.init(topic: reply.topic, payload: reply.payload, qos: reply.qos)
        properties.correlationData = reply.correlationData
    }

    /// What a retained topic is to say, empty for nothing; a device topic names the bridge that wrote it.
    init(_ topic: RetainedTopic, _ payload: [UInt8], _ topics: Topics, by bridge: String) {
        let name =
            switch topic {
            case .device(let user, let device): topics.device(user, device)
            case .status(let user): topics.status(user)
            case .stray(let topic), .discoveryMessage(let topic): topic
            case .exportNote: topics.export(bridge)
            }
        self.init(topic: name, payload: payload, qos: 1, retain: true)
        if case .device = topic { properties.userProperties = [UserProperty("by", bridge)] }
    }
}

extension Reply {
    init(_ message: Message) {
        self.init(
            topic: message.topic,
            payload: message.payload,
            qos: message.qos,
            correlationData: message.properties.correlationData
        )
    }
}

extension RequestMessage {
    init(_ message: Message, _ user: Name, _ device: Name, _ operation: String) {
        self.init(
            user: user,
            device: device,
            operation: operation,
            payload: message.payload,
            qos: message.qos,
            isRetained: message.retain,
            topic: message.topic,
            responseTopic: message.properties.responseTopic,
            correlationData: message.properties.correlationData
        )
    }
}
