/// Shelly: generation 1 (its documents), and 2 to 4 (its documents and what others report).
///
/// From generation 2 on there is no fixed root, so that `topic=` is best given. Some of those keep sending
/// while their topic says `false` for days: nothing on that topic tells.
extension AdoptionKind {
    static let shelly = AdoptionKind(
        "shelly",
        settings: ["topic": "shellies/{name}/online"],
        variants: ["topic={name}/online"],
        [KindTopic("{topic}", WordList(on: ["true"], off: ["false"]))]
    )
}
