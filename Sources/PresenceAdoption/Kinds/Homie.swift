import Presence

/// The Homie convention: 2 (PyPI homie 0.4.1, run), 3 and 4 (homie4 0.4.0, run), 5 (ebus-sdk 0.27.0, run);
/// Valetudo 2026.08.0 is one of version 4 with another root (read in its sources).
///
/// An orderly end may say `disconnected` and then `lost` by the will, since a library sends no
/// DISCONNECT, and Valetudo says `disconnected` once more: it is one end. `init` is said over and over, for each
/// child that a root gets: the device is connected.
extension AdoptionKind {
    static let homie = AdoptionKind(
        "homie",
        settings: ["root": "homie", "version": "4"],
        variants: ["version=2", "version=5"],
        [KindTopic("{root}/{name}/$state", states)]
    )

    /// Version 2, which has another topic and other words.
    private static let homie2 = AdoptionKind(
        "homie",
        settings: ["root": "devices", "version": "2"],
        [KindTopic("{root}/{name}/$online", WordList(on: ["true"], off: ["false"]))]
    )

    /// Version 5: children have one connection, their root's, and name it in their description.
    private static let homie5 = AdoptionKind(
        "homie",
        settings: ["root": "homie", "version": "5"],
        [
            KindTopic("{root}/5/{name}/$state", states).asGateway,
            KindTopic("{root}/5/{name}/$description") { payload in
                guard payload.value(at: []) != nil else { return .unknown }
                return .hangs(on: payload.value(at: ["root"])?.string)
            }.with {
                $0.isMain = false
                $0.sourceByName = "{root}/5/{}/$state"
            },
        ]
    )

    private static let states = WordList(
        on: ["ready", "init", "alert", "sleeping"],
        off: ["lost"],
        end: ["disconnected"],
        kept: ["alert"]
    )

    static func homie(version: String?) throws(AdoptionFault) -> AdoptionKind {
        switch version {
        case nil, "3", "4": homie
        case "2": homie2
        case "5": homie5
        default: throw AdoptionFault("version is 2, 3, 4 or 5")
        }
    }
}
