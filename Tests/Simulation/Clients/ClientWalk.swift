import Mosquitto
import PresenceCore

/// What a client does next, out of its own will: a random walk over the whole protocol.
struct ClientWalk {
    /// Who there is to be named in requests; one of them never comes.
    let users: [String]
    let faults: Set<Fault>
    /// What has been done, for the history.
    let onFault: (Fault) -> Void

    private static let words = ["online", "away", "busy", "dnd", "xa", "coffee", "idle"]

    /// Does one thing.
    func act(_ client: SimulatedClient) {
        guard client.isConnected else { return actAway(client) }
        switch client.dice.count(0...99) {
        case 0..<24: speak(client)
        case 24..<34: leave(client)
        case 34..<44: breakDown(client)
        case 44..<50: talkNonsense(client)
        default: ask(client)
        }
    }

    private func actAway(_ client: SimulatedClient) {
        guard case .away = client.link, client.dice.chance(60) else { return }
        if client.dice.chance(70) { client.word = client.dice.pick(Self.words) }
        client.connect()
    }

    // MARK: - Words

    private func speak(_ client: SimulatedClient) {
        switch client.dice.count(0...9) {
        case 0: client.state("invisible")
        case 1: if let word = client.word { client.state(word) }
        case 2: client.state(client.dice.pick(Self.words), ttl: client.dice.number(5...20))
        case 3:
            client.ttl = nil
            client.state(client.dice.pick(Self.words))
        case 4: client.state(client.dice.pick(Self.words), isRetained: client.isOld)
        default: client.state(client.dice.pick(Self.words))
        }
    }

    private func leave(_ client: SimulatedClient) {
        switch client.dice.count(0...9) {
        case 0: client.logOut(forgetting: true)
        case 1...4: client.logOut()
        case 5...7:
            client.logOut()
            client.disconnect()
        case 8: client.disconnect(reason: .disconnectWithWill)
        default: client.disconnect()
        }
    }

    // MARK: - Faults

    private func breakDown(_ client: SimulatedClient) {
        let fault = client.dice.pick([
            Fault.clientCrashed, .clientCrashed, .clientPartitioned, .clientTakenOver, .willLate,
            .messageDuplicated,
        ])
        guard faults.contains(fault) else { return speak(client) }
        onFault(fault)
        switch fault {
        case .clientCrashed:
            client.crash()
            if client.dice.chance(60) { returnSoon(client) }
        case .clientPartitioned:
            client.transport?.isSwallowed = true
        case .clientTakenOver:
            client.abandon()
            client.connect()
        case .willLate:
            client.abandon()
            client.clientID = "\(client.user)-\(client.device)-\(client.connections)"
            client.connect()
        default:
            client.transport?.duplicateNext()
            if client.dice.chance(50) { speak(client) } else { ask(client) }
        }
    }

    private func returnSoon(_ client: SimulatedClient) {
        client.agenda.after(client.dice.number(0...4_000)) { [weak client] in client?.connect() }
    }

    private func talkNonsense(_ client: SimulatedClient) {
        if client.dice.chance(50) {
            guard faults.contains(.garbageStated) else { return }
            onFault(.garbageStated)
            if client.dice.chance(20) {
                let topic = client.dice.pick(Garbage.topics)
                client.publish(Message(topic: topic, payload: "online", qos: 1, retain: true))
            } else {
                client.say(client.dice.pick(Garbage.statements), isRetained: client.dice.chance(80))
            }
        } else {
            guard faults.contains(.garbageAsked) else { return }
            onFault(.garbageAsked)
            let (operation, payload) = client.dice.pick(Garbage.requests)
            client.ask(operation, payload, qos: UInt8(client.dice.count(0...2)))
        }
    }

    // MARK: - Requests

    private func ask(_ client: SimulatedClient) {
        let expiry = client.dice.chance(50) ? ",\"expiry\":\(client.dice.number(1...60))" : ""
        let after = client.agenda.now.unix / 1_000 - client.dice.number(0...60)
        switch client.dice.count(0...99) {
        case 0..<38: client.ask("subscribe", "{\"usernames\":\(names(client))\(expiry)}")
        case 38..<44: client.ask("subscribe", "{\"all\":true\(expiry)}")
        case 44..<56: client.ask("unsubscribe", "{\"usernames\":\(names(client))}")
        case 56..<59: client.ask("unsubscribe", "{\"all\":true}")
        case 59..<69:
            let words = client.dice.pick(["", "back at 5", "in a meeting", "\u{1F33B} \\\"q\\\""])
            client.ask("publish", "{\"description\":\"\(words)\"\(expiry)}")
        case 69..<76: client.ask("get", "{\"usernames\":\(names(client))}", qos: 0)
        case 76..<80: client.ask("get", "{\"usernames\":\(names(client)),\"brief\":true}")
        case 80..<84: client.ask("online", "{\"pageSize\":\(client.dice.number(0...3))}")
        case 84..<88: client.ask("subscriptions", "{\"pageSize\":2}")
        case 88..<94: client.ask("sync", "{\"after\":\(after),\"pageSize\":2}")
        case 94..<97: client.ask("watchers", "{}")
        default:
            let topic =
                client.dice.chance(50) ? "presence/status/\(client.user)" : responseBelow(client)
            client.ask("get", "{\"usernames\":\(names(client))}", responseTopic: topic)
        }
    }

    private func responseBelow(_ client: SimulatedClient) -> String {
        "presence/response/\(client.user)/\(client.device)/x"
    }

    private func names(_ client: SimulatedClient) -> String {
        let count = client.dice.count(1...min(3, users.count))
        let names = (0..<count).map { _ in "\"\(client.dice.pick(users))\"" }
        return "[\(names.joined(separator: ","))]"
    }
}
