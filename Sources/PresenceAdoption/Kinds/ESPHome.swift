/// ESPHome 2026.10.0 (run, and read in its sources).
///
/// The prefix is the node's name and has no fixed root, so that `topic=` is best given. Each deep sleep
/// says `offline`, as every orderly end does.
extension AdoptionKind {
    static let esphome = AdoptionKind(
        "esphome",
        settings: ["topic": "{name}/status"],
        [KindTopic("{topic}", WordList(on: ["online"], off: ["offline"]))]
    )
}
