import Presence

/// Sparkplug B: nodes, their devices, and hosts (aiospb 8.1.3, mqtt-spb-wrapper 2.1.2 and pysparkplug 0.6.1, run).
///
/// Nothing of nodes and devices is retained, so that after a connection of the bridge a node is as it was
/// known until it says something. A node's death is that of its devices, which are born anew after it. Which
/// death is of which birth is told by `bdSeq`, as far as the library's numbers fit. A host's
/// STATE counts as it comes: its will has an older time than its birth.
///
/// With `rebirth=true` a node whose birth was not heard is asked for it, so that devices show that are silent.
extension AdoptionKind {
    static let sparkplug = AdoptionKind(
        "sparkplug",
        settings: ["root": "spBv1.0", "rebirth": "false"],
        user: "{kind}-{group}-{name}",
        [
            node("NBIRTH") { .born(sessionNumber(in: $0)) },
            node("NDEATH") { .died(sessionNumber(in: $0)) },
            node("NDATA") { _ in .online(.online) }.with {
                $0.command = "{root}/{group}/NCMD/{name}"
            },
            device("DBIRTH") { _ in .online(.online) },
            device("DDEATH") { _ in .lost },
            device("DDATA") { _ in .online(.online) },
            KindTopic("{root}/STATE/{name}", hostWords).with { $0.user = "{kind}-{name}" },
        ]
    )

    private static let hostWords = WordList(
        on: ["true", "online"],
        off: ["false", "offline"],
        path: ["online"]
    )

    private static func node(
        _ type: String,
        _ reading: @escaping @Sendable (Payload) -> Saying
    ) -> KindTopic {
        KindTopic("{root}/{group}/\(type)/{name}", reading: reading).with {
            $0.isGateway = true
            $0.key = "{root}/{group}/{name}"
            $0.isRetained = false
            $0.readsEmpty = true
        }
    }

    private static func device(
        _ type: String,
        _ reading: @escaping @Sendable (Payload) -> Saying
    ) -> KindTopic {
        KindTopic(
            "{root}/{group}/\(type)/{node}/{name}",
            source: "{root}/{group}/{node}",
            reading: reading
        ).with {
            $0.user = "{kind}-{group}-{node}-{name}"
            $0.isRetained = false
            $0.readsEmpty = true
            $0.startsAnew = true
            $0.command = "{root}/{group}/NCMD/{node}"
        }
    }

    /// The value of the metric `bdSeq` in a payload (Sparkplug 3.0, section 6.4): a metric is field 2, its name
    /// field 1, and its value field 10 or 11.
    private static func sessionNumber(in payload: Payload) -> Int64? {
        var fields = ProtobufFields(payload.bytes)
        while let (number, value) = fields.next() {
            guard number == 2, case .bytes(let metric) = value else { continue }
            var members = ProtobufFields(payload.bytes, metric)
            var (isIt, found): (Bool, Int64?) = (false, nil)
            while let (member, value) = members.next() {
                switch (member, value) {
                case (1, .bytes(let name)): isIt = payload.bytes[name].elementsEqual("bdSeq".utf8)
                case (10, .number(let number)), (11, .number(let number)):
                    found = Int64(truncatingIfNeeded: number)
                default: break
                }
            }
            if isIt { return found }
        }
        return nil
    }
}
