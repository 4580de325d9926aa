/// Home Assistant 2026.11.0 (read in its sources): `homeassistant/status`, which is not retained.
///
/// A shutdown is told by the will; a reload of its MQTT integration says nothing.
extension AdoptionKind {
    static let homeAssistant = AdoptionKind(
        "home-assistant",
        settings: ["prefix": "homeassistant"],
        [
            KindTopic(
                "{prefix}/status",
                WordList(on: ["online"], off: ["offline"]),
                name: "home-assistant"
            ).unretained
        ]
    )
}
