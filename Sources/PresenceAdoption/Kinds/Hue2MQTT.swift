/// hue2mqtt 0.4.2 (run).
///
/// Its births are not retained and its will is: after one crash whoever comes later finds `false` for ever.
extension AdoptionKind {
    static let hue2mqtt = AdoptionKind(
        "hue2mqtt",
        settings: ["base": "hue2mqtt"],
        [
            KindTopic(
                "{base}/status",
                WordList(on: ["true"], off: ["false"], path: ["online"]),
                name: "hue2mqtt"
            ).unretained
        ]
    )
}
