/// Frigate 0.18.0-beta1 (read in its sources).
extension AdoptionKind {
    static let frigate = AdoptionKind(
        "frigate",
        settings: ["base": "frigate"],
        [
            KindTopic(
                "{base}/available",
                WordList(on: ["online"], off: ["offline"], end: ["stopped"]),
                name: "frigate"
            )
        ]
    )
}
