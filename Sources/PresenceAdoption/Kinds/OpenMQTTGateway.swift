/// OpenMQTTGateway (read in its sources) and Theengs gateway 1.8.0 (run).
///
/// Theengs says `offline` when it is interrupted, and leaves it to the will when it is terminated.
extension AdoptionKind {
    static let openMQTTGateway = AdoptionKind(
        "openmqttgateway",
        settings: ["base": "home"],
        [KindTopic("{base}/{name}/LWT", WordList(on: ["online"], off: ["offline"]))]
    )
}
