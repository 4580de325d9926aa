import Mosquitto
import Presence
import PresenceCore

/// Asks the bridge for everything, on behalf of everyone, when all is at rest.
final class Auditor {
    private let agenda: Agenda
    private let broker: SimulatedBroker
    private let isOld: Bool
    private var transport: SimulatedTransport?
    private var asked: [String: Message] = [:]
    private var answers: [String: JSONObject] = [:]
    private var serial = 0

    init(agenda: Agenda, broker: SimulatedBroker, isOld: Bool) {
        self.isOld = isOld
        self.agenda = agenda
        self.broker = broker
    }

    /// What `get` says of the users and `subscriptions` of each one's; `nil` where the bridge does
    /// not answer within 30 s.
    func ask(
        about users: [String]
    ) -> (statuses: [String: StatusSeen], subscriptions: [String: [String: Int64]])? {
        connect()
        defer { disconnect() }
        let names = users.map { "\"\($0)\"" }.joined(separator: ",")
        let get = request("auditor", "get", "{\"usernames\":[\(names)]}")
        let lists = users.map { ($0, request($0, "subscriptions", "{\"pageSize\":500}")) }
        for _ in 0..<10 where !asked.isEmpty {
            for (_, message) in asked.sorted(by: { $0.key < $1.key }) { publish(message) }
            _ = agenda.pass(atMost: 3_000) { asked.isEmpty }
        }
        guard asked.isEmpty else { return nil }
        var statuses: [String: StatusSeen] = [:]
        for value in answers[get]?["users"]?.array ?? [] {
            if let status = StatusSeen(value) { statuses[status.username] = status }
        }
        var subscriptions: [String: [String: Int64]] = [:]
        for (user, tag) in lists {
            var list: [String: Int64] = [:]
            for item in answers[tag]?["subscriptions"]?.array ?? [] {
                guard let name = item.object?["username"]?.string else { continue }
                list[name] = item.object?["expires"]?.integer
            }
            list["*"] = answers[tag]?["all"]?.object?["expires"]?.integer
            subscriptions[user] = list
        }
        return (statuses, subscriptions)
    }

    private func request(_ user: String, _ operation: String, _ payload: String) -> String {
        serial += 1
        let tag = "audit.\(serial)"
        asked[tag] = Message(
            topic: "presence/request/\(user)/auditor/\(operation)",
            payload: "{\"id\":\"\(tag)\"," + payload.dropFirst(),
            qos: 1
        )
        return tag
    }

    private func connect() {
        var options = ConnectionOptions(clientID: "auditor", host: "simulated")
        options.protocolVersion = isOld ? .v311 : .v5
        guard let transport = try? broker.dial(options) else { return }
        self.transport = transport
        transport.onReadable = { [weak self] in self?.read() }
        try? transport.connect()
        transport.write()
        _ = agenda.pass(atMost: 5_000) { transport.isConnected }
        _ = try? transport.subscribe(
            ["presence/response/+/auditor/#"],
            options: SubscriptionOptions(qos: 1),
            identifier: nil
        )
        transport.write()
    }

    private func disconnect() {
        transport?.disconnect(reason: .success)
        transport?.write()
        transport = nil
        answers = [:]
    }

    private func publish(_ message: Message) {
        _ = try? transport?.publish(message)
        transport?.write()
    }

    private func read() {
        guard let transport else { return }
        while transport.read(limit: 1_000) {}
        for case .message(let message) in transport.takeEvents() {
            guard case .object(let object)? = try? JSONValue(parsing: message.payload),
                let tag = object["id"]?.string, let result = object["result"]?.object
            else { continue }
            asked[tag] = nil
            answers[tag] = result
        }
        transport.write()
    }
}
