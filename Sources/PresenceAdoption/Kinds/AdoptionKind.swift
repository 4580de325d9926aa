/// A kind of thing that publishes its availability in its own way: topics, words, and rules, as data.
///
/// Each kind is in a file of its own, and stands in ``all``. `docs/adoption.md` says how one is added.
public struct AdoptionKind: Sendable {
    /// What an `adopt` line calls it.
    public let name: String
    /// Its own settings, with their defaults; `topic` is one of them where the topic is free to choose.
    let settings: [String: String]
    /// The patterns of user and device.
    let user: String
    let device: String
    /// Whether nothing ever says that such a thing has gone, so that a line needs a `ttl`.
    let needsTTL: Bool
    /// What a line may have besides, to read other topics where things of this kind are known to be.
    let variants: [String]
    let topics: [KindTopic]

    init(
        _ name: String,
        settings: [String: String] = [:],
        user: String = "{kind}-{name}",
        device: String = "{kind}",
        needsTTL: Bool = false,
        variants: [String] = [],
        _ topics: [KindTopic]
    ) {
        self.name = name
        self.settings = settings
        self.user = user
        self.device = device
        self.needsTTL = needsTTL
        self.variants = variants
        self.topics = topics
    }

    /// Every kind that has a name.
    public static let all: [AdoptionKind] = [
        chirpStack, discovery, emqx, esphome, espresense, frigate, homeAssistant, homie, hue2mqtt,
        linux2mqtt, mosquittoBridge, mqttwarn, octoPrint, openMQTTGateway, ownTracks, shelly,
        sparkplug, tasmota, wirenBoard, wled, zigbee2mqtt, zwaveJSUI,
    ]

    /// Things of no kind, whose topic a line gives.
    static let others = AdoptionKind(
        "thing",
        settings: ["topic": ""],
        [KindTopic("{topic}", .usual)]
    )

    /// The kind of that name, for Homie by the version that a line gives.
    static func named(_ name: String, version: String?) throws(AdoptionFault) -> AdoptionKind {
        if name == homie.name { return try homie(version: version) }
        guard let kind = all.first(where: { $0.name == name }) else {
            throw AdoptionFault.unknown("kind", name, among: all.map(\.name))
        }
        return kind
    }
}
