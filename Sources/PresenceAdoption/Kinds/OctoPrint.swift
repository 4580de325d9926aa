/// OctoPrint-MQTT 0.8.16 (read in its sources): an orderly end and the will say the same, one after the other.
extension AdoptionKind {
    static let octoPrint = AdoptionKind(
        "octoprint",
        settings: ["base": "octoPrint"],
        [
            KindTopic(
                "{base}/mqtt",
                WordList(on: ["connected"], off: ["disconnected"]),
                name: "octoprint"
            )
        ]
    )
}
