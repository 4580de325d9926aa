/// linux2mqtt 1.9.0 (run), and docker2mqtt and systemctl2mqtt, which end alike (read in their sources).
///
/// A host has one will, and its metrics stay `online` when it is killed. They are devices of the host's user.
extension AdoptionKind {
    static let linux2mqtt = AdoptionKind(
        "linux2mqtt",
        settings: ["base": "linux"],
        [
            KindTopic("{base}/{name}/status", words).asGateway,
            KindTopic("{base}/{host}/{name}/availability", words, source: "{base}/{host}/status")
                .with {
                    $0.user = "{kind}-{host}"
                    $0.device = "{name}"
                },
        ]
    )

    private static let words = WordList(on: ["online"], off: ["offline"])
}
