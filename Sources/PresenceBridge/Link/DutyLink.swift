import Foundation
import Logging
import Mosquitto
import Presence
import PresenceCore

/// How the link finds out whether this process serves, and does what ``Duty`` says.
extension Link {
    /// How long the own question may take to come back before the right is held to be missing, in
    /// milliseconds.
    static let echoPatience: Int64 = 4_000

    /// Reads what the bridges of the prefix say of themselves, and asks who serves.
    func seekDuty(at now: Instant, _ inputs: inout [Input]) {
        subscribe([topics.everyBridge, topics.everyDuty], .bridge)
        rights.attempt(
            .bridge,
            through: topics.duty(bridgeID),
            until: now.uptime + Self.echoPatience
        )
        publish(Message(topic: probes.retained, payload: "1", qos: 1, retain: true))
        perform(duty.connect(at: now), at: now, &inputs)
    }

    /// Takes what has come below the topics of bridges, if it is that.
    func takeWordOfBridge(_ message: Message, at now: Instant, _ inputs: inout [Input]) {
        if message.topic == probes.retained {
            if message.retain { retainedCheck.find() }
            return
        }
        guard let (bridge, isDuty) = topics.bridge(of: message.topic) else { return }
        if isDuty {
            // What is retained was said to nobody who listens now.
            guard !message.retain,
                let word = DutyMessage(reading: message.payload, of: bridge)
            else { return }
            if word.process.nonce == process.nonce {
                confirm(.bridge)
                hearOwnQuestion(at: now, &inputs)
            } else {
                perform(duty.hear(word, at: now), at: now, &inputs)
            }
        } else {
            let started = BridgeState(reading: message.payload)?.started
            perform(duty.hearState(of: bridge, started: started, at: now), at: now, &inputs)
        }
    }

    /// The own question has come back, behind all that was retained.
    private func hearOwnQuestion(at now: Instant, _ inputs: inout [Input]) {
        guard duty.phase == .looking, !isUnfit else { return }
        switch retainedCheck.end() {
        case .sound:
            // Nothing of it is left behind.
            publish(Message(topic: probes.retained, payload: "", retain: true))
            perform(duty.hearEcho(at: now), at: now, &inputs)
        case .lookOn: break
        case .unfit:
            publish(Message(topic: probes.retained, payload: "", retain: true))
            despair("sends no retained messages to subscriptions with wildcards")
        }
    }

    /// Does what the duty asks for.
    func perform(_ actions: [Duty.Action], at now: Instant, _ inputs: inout [Input]) {
        for action in actions {
            switch action {
            case .say(let word, let since): say(word, since: since)
            case .serve: serveOnceMeasured(&inputs)
            case .giveWay:
                log.error("another bridge serves the prefix \(topics.prefix): this one gives way")
                rest(nil, at: now)
                inputs.append(.brokerLost)
            case .retire(let bridge):
                publish(
                    Message(
                        topic: topics.bridge(bridge),
                        payload: BridgeState.offline,
                        qos: 1,
                        retain: true
                    )
                )
            case .restate:
                if let stated { publish(stated) }
            case .note(let note): write(note)
            }
        }
    }

    /// Says something to the other processes.
    ///
    /// An answer must not wait behind all that is to be published. A question has its place in the
    /// order: it comes back behind what is retained.
    private func say(_ word: DutyMessage.Word, since: Int64) {
        var message = Message(
            topic: topics.duty(bridgeID),
            payload: DutyMessage(word, process, since: since).payload
        )
        if word == .asking {
            if duty.phase == .looking, let look = retainedCheck.look {
                retainedCheck.begin()
                let filter = look == .exact ? probes.retained : probes.everyRetained
                subscribe([filter], .bridge)
            }
            // Its PUBACK says whether that is allowed.
            message.qos = 1
            return publish(message)
        }
        do throws(MosquittoError) {
            _ = try connection?.publish(message)
        } catch {
            log.error("cannot publish to \(message.topic): \(error)")
        }
    }

    private func write(_ note: Duty.Note) {
        let prefix = topics.prefix
        switch note {
        case .asks(let bridge):
            log.notice(
                "bridge '\(bridge)' is said to be online on the prefix \(prefix): asking whether it is"
            )
        case .standsBy(let other):
            settle()
            let name =
                other.bridge == bridgeID
                ? "another process with the bridge_id '\(bridgeID)'"
                : "another bridge, '\(other.bridge)'"
            log.error(
                """
                \(name), started \(Self.time(other.started)), serves the prefix \(prefix): this one \
                stands by, and serves when that one ends. For a second service use another \
                topic_prefix, and a store of its own
                """
            )
        case .isDead(let bridge):
            log.warning(
                "bridge '\(bridge)' is said to be online, and does not answer: it is no more"
            )
        case .takesOver(let other):
            log.notice(
                """
                bridge '\(other.bridge)', started \(Self.time(other.started)), has ended, or answers \
                no more: this one serves now
                """
            )
        }
    }

    /// A Unix second as people read it.
    private static func time(_ second: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(second)).ISO8601Format()
    }
}
