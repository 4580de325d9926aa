import Mosquitto

/// A kind of program that publishes its availability in its own way, and knows nothing of this protocol.
///
/// What each does is what the real one was seen to do: `docs/adoption.md` has them with their versions.
enum AdoptedProgram: Hashable, Sendable {
    /// As Tasmota: a retained birth, and a retained will that is its orderly end, too.
    case plug
    /// The same, which sleeps and says when it wakes.
    case cell
    /// As Homie: it has a word for an orderly end, which its will may follow.
    case homie
    /// As zigbee2mqtt: one connection for many lamps, whose words it writes.
    case gateway
    /// As hue2mqtt: its births are not retained, and its will is.
    case hue
    /// As Home Assistant: nothing is retained.
    case home
    /// As ecowitt2mqtt: it says that it is there, over and over, and never anything else.
    case weather

    /// The things that one of them is, by its name and those of what is behind it.
    func things(_ name: String, behind lamps: [String], user: String?) -> [AdoptedThing] {
        switch self {
        case .plug, .cell:
            let thing = AdoptedThing(
                user: user ?? "tasmota-\(name)",
                device: user == nil ? "tasmota" : "plug",
                topic: "tele/\(name)/LWT"
            )
            guard self == .cell else { return [thing] }
            return [thing.with { $0.sleeps = "tele/\(name)/DEEPSLEEP" }]
        case .homie:
            return [
                AdoptedThing(user: "homie-\(name)", device: "homie", topic: "homie/\(name)/$state")
            ]
        case .gateway:
            let state = "zigbee2mqtt/bridge/state"
            return [AdoptedThing(user: "zigbee2mqtt", device: "zigbee2mqtt", topic: state)]
                + lamps.map { lamp in
                    AdoptedThing(
                        user: "zigbee2mqtt-\(lamp)",
                        device: "zigbee2mqtt",
                        topic: "zigbee2mqtt/\(lamp)/availability"
                    ).with { $0.gateway = state }
                }
        case .hue:
            return [
                AdoptedThing(user: "hue2mqtt", device: "hue2mqtt", topic: "hue2mqtt/status")
                    .with { $0.isRetained = false }
            ]
        case .home:
            let name = "home-assistant"
            return [
                AdoptedThing(user: name, device: name, topic: "homeassistant/status")
                    .with { $0.isRetained = false }
            ]
        case .weather:
            return [
                AdoptedThing(
                    user: "thing-\(name)",
                    device: "thing",
                    topic: "eco/\(name)/availability"
                ).with {
                    $0.ttl = Self.ttl
                    $0.signs = "eco/\(name)/data/wind"
                }
            ]
        }
    }

    /// The `adopt` line.
    func line(_ user: String?) -> String {
        switch self {
        case .plug, .cell: user == nil ? "tasmota" : "tasmota user={name} device=plug"
        case .homie: "homie"
        case .gateway: "zigbee2mqtt"
        case .hue: "hue2mqtt"
        case .home: "home-assistant"
        case .weather:
            "topic=eco/{name}/availability on=online off= ttl=\(Self.ttl / 1_000)s "
                + "alive=eco/{name}/data/#"
        }
    }

    /// For how long a word of one holds that has no other way to go, in milliseconds.
    static let ttl: Int64 = 20_000

    /// How it says that it is there, and that it has gone.
    var birth: String {
        switch self {
        case .plug, .cell: "Online"
        case .homie: "ready"
        case .gateway: #"{"state":"online"}"#
        case .hue: AdoptedSaying.online[5]
        case .home, .weather: "online"
        }
    }

    var death: String? {
        switch self {
        case .plug, .cell: "Offline"
        case .homie: "lost"
        case .gateway: #"{"state":"offline"}"#
        case .hue: AdoptedSaying.gone[4]
        case .home: "offline"
        case .weather: nil
        }
    }

    var retainsBirth: Bool { self != .hue && self != .home }

    func will(on topic: String) -> Message? {
        death.map { Message(topic: topic, payload: $0, qos: 1, retain: self != .home) }
    }
}
