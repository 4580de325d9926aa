/// zwave-js-ui 11.22.2 (read in its sources).
///
/// Its own topic is cleared of nothing by an orderly end: that is said by the driver's, so that a
/// node is there only while both are. The times in its payloads are left aside.
extension AdoptionKind {
    static let zwaveJSUI = AdoptionKind(
        "zwave-js-ui",
        settings: ["prefix": "zwave"],
        [
            KindTopic("{prefix}/_CLIENTS/{name}/status", words).with {
                $0.isGateway = true
                $0.key = "{prefix}/_CLIENTS"
            },
            KindTopic("{prefix}/driver/status", words, name: "driver").with {
                $0.isThing = false
                $0.isGateway = true
                $0.source = "{prefix}/_CLIENTS"
            },
            KindTopic("{prefix}/{name...}/status", words, source: "{prefix}/driver/status"),
        ]
    )

    private static let words = WordList(on: ["true"], off: ["false"], path: ["value"])
}
