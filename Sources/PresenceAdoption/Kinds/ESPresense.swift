/// ESPresense 4.1.0b0 (read in its sources): a station in each room.
///
/// A room that is renamed has another topic, and its old one stays.
extension AdoptionKind {
    static let espresense = AdoptionKind(
        "espresense",
        settings: ["base": "espresense"],
        [KindTopic("{base}/rooms/{name}/status", WordList(on: ["online"], off: ["offline"]))]
    )
}
