import Mosquitto
import Presence

extension Device {
    /// What is published for a word, as an object when there is more to say than the word.
    func payload(_ word: String) -> String {
        var members = ["\"status\":\"\(word)\""]
        if let ttl = options.ttl, word != "lost", word != "offline" {
            members.append("\"ttl\":\(ttl)")
        }
        if let sessionName { members.append("\"session\":\"\(sessionName)\"") }
        if options.padding > 0 {
            members.append("\"pad\":\"\(String(repeating: "x", count: options.padding))\"")
        }
        return members.count == 1 ? word : "{\(members.joined(separator: ","))}"
    }

    /// States its word.
    func speak() {
        guard case .standing(let connection) = link else { return }
        restatesAt = nil
        if let ttl = options.ttl { renewsAt = .now + .seconds(ttl) / 3 }
        let message = Message(
            topic: options.deviceTopic,
            payload: payload(word),
            qos: 1,
            retain: true
        )
        do {
            unacknowledged[try connection.publish(message)] = word
        } catch {
            failed(error)
        }
        members.touch(self)
    }

    /// A publish was acknowledged.
    func acknowledged(_ packet: Int32, _ reason: ReasonCode) {
        if reason.isFailure {
            ledger.tally.complain("\(options.user)/\(options.device): PUBACK \(reason)")
        }
        if case .parting(_, packet) = link {
            ledger.tally.statements += 1
            parted()
        } else if let word = unacknowledged.removeValue(forKey: packet) {
            ledger.tally.statements += 1
            stated = word
            arrived()
        }
    }

    /// Learns the state of a bridge: when one is back, or another one is there, it asks for what it may have missed; after
    /// a rise of the epoch, which all bridges share, it states its word again, after a while.
    func hear(_ state: JSONValue, of name: String, at now: ContinuousClock.Instant) {
        guard let started = state.object?["started"]?.integer,
            let epoch = state.object?["epoch"]?.integer
        else {
            bridges[name]?.isOnline = false
            return
        }
        let grace = state.object?["grace"]?.integer ?? 0
        let known = bridges.values.map(\.epoch).max()
        let before = bridges.updateValue(
            SeenBridge(isOnline: true, started: started, epoch: epoch),
            forKey: name
        )
        if let known, epoch > known {
            ledger.tally.announcements += 1
            restatesAt = now + .seconds(grace) / 3 * Double.random(in: 0..<1, using: &random)
        }
        if before != bridges[name] { view.missed() }
    }
}

/// What a device has seen of a bridge.
struct SeenBridge: Equatable {
    var isOnline: Bool
    /// When it started, as it said last.
    var started: Int64
    /// The epoch that it told last.
    var epoch: Int64
}
