/// mqttwarn 0.36.1 (run).
extension AdoptionKind {
    static let mqttwarn = AdoptionKind(
        "mqttwarn",
        settings: ["base": "clients"],
        [KindTopic("{base}/{name}", WordList(on: ["1"], off: ["0"]))]
    )
}
