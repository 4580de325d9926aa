/// zigbee2mqtt 2.12.1 (read in its sources); 1.x says plain words.
///
/// It has one will, on `bridge/state`: a lamp's topic still says `online` when zigbee2mqtt itself is gone. And
/// a lamp that was removed leaves its topic behind.
extension AdoptionKind {
    static let zigbee2mqtt = AdoptionKind(
        "zigbee2mqtt",
        settings: ["base": "zigbee2mqtt"],
        [
            KindTopic("{base}/bridge/state", words, name: "bridge").asGateway,
            KindTopic("{base}/{name...}/availability", words, source: "{base}/bridge/state"),
        ]
    )

    private static let words = WordList(on: ["online"], off: ["offline"], path: ["state"])
}
