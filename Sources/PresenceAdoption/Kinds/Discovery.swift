/// Home Assistant's discovery messages (2026.11.0, read in its sources): devices of any program that describes itself to
/// Home Assistant, by the topics that it names.
extension AdoptionKind {
    static let discovery = AdoptionKind(
        "discovery",
        settings: ["prefix": "homeassistant"],
        [described("{prefix}/+/+/config"), described("{prefix}/+/+/+/config")]
    )

    private static func described(_ topic: String) -> KindTopic {
        KindTopic(topic) { _ in .nothing }.with { $0.describes = true }
    }
}
