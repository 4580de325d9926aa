import Mosquitto
import Presence
import PresenceCore
import PresenceStore

/// What the broker can do, and within which limits.
extension Check {
    static let broker: [Check] = [
        Check("bridges", needs: .connection) { examination in
            let serving = examination.serving
            switch serving.count {
            case 0: return .untold("no bridge serves the prefix \(examination.topics.prefix) now")
            case 1: return .sound("'\(serving[0])' serves the prefix \(examination.topics.prefix)")
            default:
                return .untold(
                    "\(serving.joined(separator: ", ")) say that they serve one prefix: one does, "
                        + "and the others stand by, or were killed"
                )
            }
        },
        Check("retained", needs: .connection) { examination in
            guard let connection = examination.connection else { return nil }
            guard connection.acknowledgement.retainAvailable else {
                return .wrong(
                    "the broker keeps no retained messages",
                    examination.broker("retain_available true")
                )
            }
            guard connection.acknowledgement.wildcardSubscriptionAvailable else {
                return .wrong("the broker takes no subscriptions with wildcards", .otherBroker)
            }
            return examination.tryRetained(over: connection)
        },
        Check("packet-size", needs: .connection) { examination in
            guard let connection = examination.connection else { return nil }
            let needed = examination.settings.limits.longestPacket
            guard connection.version == .v5 else { return .untold("not told by MQTT 3.1.1") }
            guard let limit = connection.acknowledgement.maximumPacketSize else {
                return .sound("the broker sets no limit to packets")
            }
            if Int(limit) >= needed {
                return .sound(
                    "the broker takes packets of \(limit) bytes, and \(needed) can be needed"
                )
            }
            return .wrong(
                "the broker takes packets of \(limit) bytes, and answers can have \(needed)",
                examination.broker("max_packet_size \(max(needed, 4_194_304))")
            )
        },
        Check("message-size", needs: .connection) { $0.tryLongMessage() },
        queue,
        Check("dropped", needs: .connection) { examination in
            guard let connection = examination.connection else { return nil }
            let topic = SystemTopics.dropped
            connection.wait(500) { connection.messages.contains { $0.topic == topic } }
            guard
                let count = connection.messages.last(where: { $0.topic == topic })
                    .flatMap({ Int64($0.text) })
            else {
                return .untold(
                    "the broker sends no \(topic): some send it only once they have dropped something. With a "
                        + "right to read it ('topic read \(topic)') the bridge learns at once of what was "
                        + "dropped; else the audit finds it"
                )
            }
            if count == 0 { return .sound("the broker has dropped nothing since its start") }
            return .untold(
                "the broker has dropped \(count) messages since its start, be it for this bridge "
                    + "or for others: see max_queued_messages"
            )
        },
        Check("persistence") { $0.judgePersistence() },
    ]
}

extension Examination {
    /// Retains a message for a moment, and looks for it by a wildcard and by its topic.
    fileprivate func tryRetained(over connection: ProbeConnection) -> Check.Outcome {
        guard rights[.bridge] == .holds else { return .untold("not tried: see right-bridge") }
        let parent = "\(topics.bridge(broker.bridgeID))/probe"
        let topic = "\(parent)/doctor-\(nonce)-retained"
        let payload = Array("doctor-retained".utf8)
        var message = Message(topic: topic, payload: payload, retain: true)
        // Should the doctor be killed in between.
        message.properties.messageExpiry = 60
        defer { _ = connection.publish(Message(topic: topic, payload: [], retain: true)) }
        if case .failed(let words) = connection.publish(message) {
            return .untold("not told: \(words)")
        }
        for (filter, isWild) in [("\(parent)/+", true), (topic, false)] {
            _ = connection.subscribe([filter])
            let isThere = connection.wait(ProbeConnection.delivery) {
                connection.messages.contains {
                    $0.retain && $0.topic == topic && $0.payload == payload
                }
            }
            guard isThere else { continue }
            if isWild {
                return .sound("the broker keeps retained messages, and finds them by a wildcard")
            }
            return .wrong(
                "the broker does not send retained messages to a subscription with a wildcard: "
                    + "presence cannot work with it",
                .otherBroker
            )
        }
        return .wrong(
            "a message that was retained is not there any more",
            broker("retain_available true")
        )
    }

    /// Publishes as much as an answer can have to where nobody listens, on a connection of its own:
    /// some libraries end it over a refusal.
    fileprivate func tryLongMessage() -> Check.Outcome {
        guard connection?.version == .v5 else {
            return .untold(
                "not told by MQTT 3.1.1, which acknowledges what is dropped for its length"
            )
        }
        guard rights[.event] == .holds else { return .untold("not tried: see right-event") }
        let topic = "\(topics.prefix)/event/$bridge/length"
        let announced = connection?.acknowledgement.maximumPacketSize.map { Int($0) }
        let limit = PacketLimit(packet: announced ?? PacketLimit.mqtt)
        let needed = settings.limits.longestPacket
        let length = max(0, min(needed, limit.room(topic: topic.utf8.count, qos: 1)))
        guard case .stands(let other) = call({ _ in }) else {
            return .untold("not tried: there is no second connection")
        }
        defer { other.leave() }
        let blanks = [UInt8](repeating: UInt8(ascii: " "), count: length)
        let outcome = other.publish([Message(topic: topic, payload: blanks)], within: 5_000)
        switch outcome.first {
        case .acknowledged(let code) where !code.isFailure:
            return .sound("the broker takes a message of \(length) bytes")
        case .failed(let words) where other.end == nil: return .untold("not told: \(words)")
        default:
            return .wrong(
                "the broker takes no message of \(length) bytes, which answers can have",
                broker("message_size_limit 0, and max_packet_size \(max(needed, 4_194_304))")
            )
        }
    }

    // MARK: - What outlives the broker

    fileprivate func judgePersistence() -> Check.Outcome {
        let remedy = broker(
            "persistence true, persistence_location FOLDER/, and autosave_interval 30"
        )
        if let brokerFile {
            if let fault = brokerFile.fault { return .untold(fault) }
            guard ["true", "1"].contains(brokerFile["persistence"]) else {
                return .wrong("the broker's own file does not switch persistence on", remedy)
            }
            let autosave = brokerFile["autosave_interval"].flatMap(Int.init) ?? 1_800
            if ["true", "1"].contains(brokerFile["autosave_on_changes"]), autosave > 1 {
                return .wrong(
                    "the broker saves what is retained after each \(autosave) changes: a crash loses "
                        + "the last of them, however long ago they came",
                    broker("autosave_on_changes false, and autosave_interval 30")
                )
            }
            if (1...300).contains(autosave) {
                return .sound("the broker keeps what is retained, and saves it each \(autosave) s")
            }
            guard autosave > 0 else {
                return .wrong(
                    "the broker saves what is retained when it ends, and a crash loses what came since its start",
                    broker("autosave_interval 30")
                )
            }
            return .wrong(
                "the broker saves what is retained each \(autosave) s: after a crash it is as "
                    + "old as that",
                broker("autosave_interval 30")
            )
        }
        guard let record = store?.broker ?? database?.broker, record.epoch > 1 else {
            return .untold(
                "no client can tell, and the bridge has not seen the broker restart yet: "
                    + "--broker-config FILE looks it up"
            )
        }
        switch record.kept {
        case .everything: return .sound("the broker had kept everything when it was last restarted")
        case .nothing:
            return .wrong("the broker had kept nothing when it was last restarted", remedy)
        case .older:
            return .untold(
                "when it was last restarted the broker had kept what may be an older copy: "
                    + "--broker-config FILE looks at autosave_interval"
            )
        }
    }
}

extension Finding.Remedy {
    /// Where the broker lacks what nothing can make up for.
    fileprivate static var otherBroker: Self {
        .init("docs/brokers.md", "another broker, such as mosquitto")
    }
}
