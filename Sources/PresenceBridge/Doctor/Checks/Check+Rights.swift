import Mosquitto
import Presence
import PresenceAdoption

/// Whether the broker lets the bridge do what it has to.
extension Check {
    static let rights: [Check] =
        Right.allCases.map { right in
            Check("right-\(right)", needs: .connection) { examination in
                let filter = right.filter(examination.topics)
                let remedy = examination.acl(right.line(examination.topics))
                switch examination.rights[right] {
                case .holds: return .sound("the bridge may \(right.access) \(filter)")
                case .isNotWritten:
                    return .wrong(
                        "the broker refuses what the bridge publishes to \(filter)",
                        remedy
                    )
                case .isSilent:
                    return .wrong(
                        "what the bridge publishes to \(filter) does not come back: it may not "
                            + "write it, or not read it",
                        remedy
                    )
                case .isUntold:
                    return .untold(
                        "not told by MQTT 3.1.1, which acknowledges what it drops: the bridge must "
                            + "\(right.access) \(filter), and need not read it"
                    )
                case .isRefused(let code):
                    return .wrong(
                        "the broker refuses the subscription to \(filter): \(code)",
                        remedy
                    )
                case .isFiltered:
                    return .wrong(
                        "the broker grants the subscription to \(filter) and sends nothing: its "
                            + "ACL has no right to read it",
                        remedy
                    )
                case .ended(let words): return .untold("not told: \(words)")
                }
            }
        } + [wills]

    /// A connection that breaks, whose will has to come.
    private static let wills = Check("wills", needs: .connection) { examination in
        guard examination.rights[.device] == .holds else {
            return .untold("not tried: see right-device")
        }
        let topic = "\(examination.topics.prefix)/device/$doctor/\(examination.nonce)-will"
        guard
            case .stands(let dying) = examination.call({ options in
                options.will = Message(topic: topic, payload: ProbeConnection.payload, qos: 1)
            })
        else { return .untold("not tried: there is no second connection") }
        if examination.publishesWill(topic, of: dying) {
            return .sound("the broker publishes the will of a connection that breaks")
        }
        return .wrong(
            "the broker does not publish the will of a connection that breaks: who is lost stays "
                + "online",
            examination.broker("see its log; mosquitto 2.0.11 needs 'per_listener_settings false'")
        )
    }

    /// What can be told of topics of others, where a line `adopt` or `export` names them.
    static let adoption: [Check] = [
        Check("right-adopt", needs: .connection) { examination in
            let filters = examination.settings.adoption.filters
            guard !filters.isEmpty, let connection = examination.connection else { return nil }
            let codes = connection.subscribe(filters.map(\.text), qos: 0)
            if let (filter, code) = zip(filters, codes).first(where: { $1.isFailure }) {
                return .wrong(
                    "the broker refuses the subscription to \(filter.text), which is to be "
                        + "adopted: \(code)",
                    examination.acl(filter.accessLine)
                )
            }
            connection.wait(500) { false }
            let silent = filters.filter { filter in
                !connection.messages.contains { filter.covers(TopicFilter($0.topic)) }
            }
            guard let first = silent.first else {
                return .sound("something comes of all that is adopted")
            }
            return .untold(
                "the broker grants \(first.text), and nothing is retained there: where something "
                    + "should be, add '\(first.accessLine)' to its ACL"
            )
        },
        Check("right-export", needs: .connection) { examination in
            guard let plan = examination.settings.export else { return nil }
            let export = ExportTopics(
                prefix: plan.prefix,
                examination.topics,
                bridgeID: examination.broker.bridgeID
            )
            let codes = examination.connection?.subscribe([export.every]) ?? []
            if let code = codes.first(where: \.isFailure) {
                return .wrong(
                    "the broker refuses the subscription to \(export.every): \(code)",
                    examination.acl("topic readwrite \(export.every)")
                )
            }
            return .untold(
                "the broker grants \(export.every); whether it may be written is not tried, since "
                    + "Home Assistant listens"
            )
        },
    ]
}
