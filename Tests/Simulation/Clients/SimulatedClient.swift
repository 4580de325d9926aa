import Mosquitto
import Presence
import PresenceCore

/// A device of a user, as the protocol wants it: birth and will, a statement again when `epoch`
/// rises or the bridge asks, requests that are sent again until they are answered.
///
/// What it does out of its own will is decided by its ``ClientWalk``.
package final class SimulatedClient {
    /// Where it stands with the broker.
    enum Link {
        /// Not connected; if it wants to be, it tries again by itself.
        case away
        case calling(SimulatedTransport)
        case connected(SimulatedTransport)
    }

    let agenda: Agenda
    let broker: SimulatedBroker
    var dice: Dice
    /// The user and the device, as in topics.
    package let user: String
    package let device: String
    /// Whether it speaks MQTT 3.1.1.
    let isOld: Bool
    /// Whether it names its connections in births and wills.
    let namesSessions: Bool
    /// Whether it is a plain thing: a will and a retained birth are all that it knows.
    ///
    /// It names no session, follows no topic, and is never asked anything.
    let isPlain: Bool
    /// What it says when it wants not to be seen.
    let hiding: String

    var link = Link.away
    /// Whether it wants to be connected.
    var wantsLink = false
    /// Connections that the broker takes to be standing.
    private var abandoned: [SimulatedTransport] = []
    /// Counts connections, and makes their names.
    var connections = 0
    var clientID: String
    /// What it would say of itself now; `nil` while it has logged out.
    var word: String?
    var ttl: Int64?
    var open: [(tag: String, message: Message)] = []
    var requests = 0
    /// Counts the promises to state something again; only the last one is kept.
    var promises = 0
    var highestEpoch: Int64 = -1

    init(
        user: String,
        device: String,
        isOld: Bool,
        hiding: String,
        isPlain: Bool = false,
        agenda: Agenda,
        broker: SimulatedBroker,
        dice: Dice
    ) {
        self.user = user
        self.device = device
        self.isOld = isOld
        self.hiding = hiding
        self.agenda = agenda
        self.broker = broker
        self.dice = dice
        self.isPlain = isPlain
        namesSessions = isPlain ? false : self.dice.chance(80)
        clientID = "\(user)-\(device)-0"
    }

    /// The connection that stands.
    var transport: SimulatedTransport? {
        if case .connected(let transport) = link { transport } else { nil }
    }

    var isConnected: Bool { transport != nil }

    var session: String? { namesSessions ? "s\(connections)" : nil }

    var deviceTopic: String { "presence/device/\(user)/\(device)" }

    // MARK: - Coming and going

    /// Connects, and states its word when that has worked.
    func connect() {
        guard case .away = link else { return }
        wantsLink = true
        connections += 1
        var options = ConnectionOptions(clientID: clientID, host: "simulated")
        options.protocolVersion = isOld ? .v311 : .v5
        options.keepAlive = 10
        options.will = Message(topic: deviceTopic, payload: will, qos: 1, retain: true)
        guard let transport = try? broker.dial(options) else { return }
        link = .calling(transport)
        transport.onReadable = { [weak self, weak transport] in
            guard let self, let transport else { return }
            read(transport)
        }
        do throws(MosquittoError) {
            try transport.connect()
            transport.write()
        } catch {
            link = .away
        }
        keepAlive(transport)
    }

    private var will: String {
        guard let session else { return "lost" }
        return "{\"status\":\"lost\",\"session\":\"\(session)\"}"
    }

    /// The library's tick, once a second as long as the connection is this one.
    private func keepAlive(_ transport: SimulatedTransport) {
        agenda.after(1_000) { [weak self, weak transport] in
            guard let self, let transport, isMine(transport) else { return }
            transport.tick()
            read(transport)
            if isMine(transport) { keepAlive(transport) }
        }
    }

    private func isMine(_ transport: SimulatedTransport) -> Bool {
        switch link {
        case .away: false
        case .calling(let mine), .connected(let mine): mine === transport
        }
    }

    private func read(_ transport: SimulatedTransport) {
        while transport.read(limit: 1_000) {}
        for event in transport.takeEvents() where isMine(transport) {
            take(event, transport)
        }
        transport.write()
    }

    private func take(_ event: Event, _ transport: SimulatedTransport) {
        switch event {
        case .connected:
            link = .connected(transport)
            welcome(transport)
        case .closed, .refused:
            link = .away
            comeBack()
        case .message(let message): receive(message)
        case .published, .subscribed, .unsubscribed: break
        }
    }

    private func comeBack() {
        guard wantsLink else { return }
        agenda.after(dice.number(100...3_000)) { [weak self] in
            guard let self, wantsLink else { return }
            connect()
        }
    }

    private func welcome(_ transport: SimulatedTransport) {
        guard !isPlain else {
            if let word { state(word) }
            return
        }
        let filters = [
            "presence/response/\(user)/\(device)/#", "presence/event/\(user)", "presence/bridge/+",
        ]
        _ = try? transport.subscribe(
            filters,
            options: SubscriptionOptions(qos: 1),
            identifier: nil
        )
        if let word { state(word) }
        for (_, message) in open { publish(message) }
    }

    /// Its process dies: the broker publishes its will, at once or when it notices.
    func crash() {
        wantsLink = false
        switch link {
        case .away: break
        case .calling(let transport), .connected(let transport): transport.sever()
        }
        link = .away
    }

    /// Leaves its connection standing as if it were still there, and is gone from it.
    func abandon() {
        guard let transport else { return }
        transport.isSwallowed = true
        transport.onReadable = nil
        abandoned.append(transport)
        link = .away
    }

    /// Disconnects properly, so that no will is sent.
    func disconnect(reason: ReasonCode = .success) {
        wantsLink = false
        guard let transport else { return crash() }
        transport.disconnect(reason: reason)
        transport.write()
        link = .away
    }

    // MARK: - What comes

    private func receive(_ message: Message) {
        if message.topic.hasPrefix("presence/bridge/") { return learn(message) }
        guard message.topic.hasPrefix("presence/response/"),
            case .object(let object)? = try? JSONValue(parsing: message.payload)
        else { return }
        if object["operation"]?.string == "announce" {
            if let word { state(word) }
            return
        }
        let code = object["error"]?.object?["code"]?.string
        if object["operation"]?.string == "device", code == "too_many_devices" {
            // There is no room for it: it gives up.
            if word != nil { logOut() }
            return
        }
        let tag = Tag.of(message.properties.correlationData, object["id"])
        // What the bridge could not do now is asked again.
        guard let tag, code != "unavailable", code != "rate_limited" else { return }
        open.removeAll { $0.tag == tag }
    }

    /// A bridge whose epoch has risen wants to hear from everyone again.
    private func learn(_ message: Message) {
        guard case .object(let object)? = try? JSONValue(parsing: message.payload),
            let epoch = object["epoch"]?.integer, let grace = object["grace"]?.integer
        else { return }
        defer { highestEpoch = max(epoch, highestEpoch) }
        guard epoch > highestEpoch, highestEpoch >= 0 else { return }
        agenda.after(dice.number(0...grace * 1_000 / 3)) { [weak self] in
            guard let self, let word, isConnected else { return }
            state(word)
        }
    }
}

/// What tells a request from all others.
enum Tag {
    /// The tag by what comes back: the Correlation Data, else the `id`.
    static func of(_ correlation: [UInt8]?, _ id: JSONValue?) -> String? {
        correlation.map { String(decoding: $0, as: UTF8.self) } ?? id?.string
    }
}
