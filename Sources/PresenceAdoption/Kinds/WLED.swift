/// WLED 0.16.0-alpha (read in its sources).
extension AdoptionKind {
    static let wled = AdoptionKind(
        "wled",
        settings: ["topic": "wled/{name}/status"],
        [KindTopic("{topic}", WordList(on: ["online"], off: ["offline"]))]
    )
}
