import Presence

/// Tasmota 14 and 15 (read in its sources).
///
/// `disconnect()` sends no DISCONNECT on purpose: an orderly end says `Offline` by the will, like any other.
/// Before it sleeps a thing retains when it wakes.
extension AdoptionKind {
    static let tasmota = AdoptionKind(
        "tasmota",
        settings: ["topic": "tele/{name}/LWT"],
        variants: ["topic={name}/tele/LWT"],
        [
            KindTopic("{topic}", WordList(on: ["online"], off: ["offline"])),
            KindTopic("{topic-}/DEEPSLEEP") { payload in
                let path = ["DeepSleep", "Wakeup"]
                return payload.value(at: path)?.integer.map(Saying.sleeps) ?? .unknown
            }.with { $0.isMain = false },
        ]
    )
}
