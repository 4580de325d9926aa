import Presence

/// OwnTracks for Android 2.5.9 (read in its sources) and for iOS (an excerpt of them).
///
/// The topic is that of the locations. The will is not retained, nothing is said at an orderly end, and who comes
/// later finds a location: so it needs a `ttl`. The time in the will is that of the connection's
/// beginning, and is left aside.
extension AdoptionKind {
    static let ownTracks = AdoptionKind(
        "owntracks",
        settings: ["base": "owntracks"],
        device: "{device}",
        needsTTL: true,
        [
            KindTopic("{base}/{name}/{device}") { payload in
                switch payload.value(at: ["_type"])?.string {
                case "lwt": .lost
                case nil: .unknown
                default: .online(.online)
                }
            }.unretained
        ]
    )
}
