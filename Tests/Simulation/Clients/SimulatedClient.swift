import Mosquitto
import Presence
import PresenceCore

/// A device of a user, as the protocol wants it: birth and will, a statement again when `epoch`
/// rises or the bridge asks, requests that are sent again until they are answered.
///
/// What it does out of its own will is decided by its ``ClientWalk``.
package final class SimulatedClient: SimulatedProgram {
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
        self.isPlain = isPlain
        var dice = dice
        namesSessions = isPlain ? false : dice.chance(80)
        clientID = "\(user)-\(device)-0"
        super.init(agenda: agenda, broker: broker, dice: dice)
    }

    var session: String? { namesSessions ? "s\(connections)" : nil }

    var deviceTopic: String { "presence/device/\(user)/\(device)" }

    // MARK: - Coming and going

    override func nextOptions() -> ConnectionOptions {
        connections += 1
        var options = ConnectionOptions(clientID: clientID, host: "simulated")
        options.protocolVersion = isOld ? .v311 : .v5
        options.keepAlive = 10
        options.will = Message(topic: deviceTopic, payload: will, qos: 1, retain: true)
        return options
    }

    private var will: String {
        guard let session else { return "lost" }
        return "{\"status\":\"lost\",\"session\":\"\(session)\"}"
    }

    /// States its word, and sends again what is not answered.
    override func welcome(_ transport: SimulatedTransport) {
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

    // MARK: - What comes

    override func receive(_ message: Message) {
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
