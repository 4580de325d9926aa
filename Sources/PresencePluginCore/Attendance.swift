import Presence

/// Who is connected, and what has to be stated for those who do not speak for themselves.
///
/// mosquitto 2.0 tells of every CONNECT before it has checked the password, and of every end of a
/// connection, also of one that it refused; not of who came in. Who is still there some moments
/// later did. The moment (``PluginOptions/settlingTime``) is also what a client gets to state
/// something itself, and then the plugin holds its tongue. mosquitto 2.1 tells who came in
/// (``arrived(_:username:clientID:at:)``), and why who went did.
///
/// Connections are told apart by a key, the broker's pointer: when a client id is taken over, the
/// old connection ends after the new one began, and both have the id. What is stated is decided at
/// a tick, by what is the case then: what was over in between is not told.
public struct Attendance: Sendable {
    /// How many statements a tick makes at most, so that no turn of the broker becomes long.
    public static let statementsPerTick = 500

    /// What the broker is told about a CONNECT.
    public enum Admission: Hashable, Sendable {
        /// The broker's own configuration decides.
        case undecided
        /// Another user is connected by this client id, and would be thrown off.
        case idIsTaken(by: String)
    }

    /// What is to be retained on a device's topic; an empty payload clears it.
    public struct Writing: Hashable, Sendable {
        /// Whose topic.
        public let device: DeviceKey
        /// What is written.
        public let payload: [UInt8]
    }

    private let naming: PluginOptions.DeviceName
    private let nameKey: String
    private let settlingTime: Duration
    private var speaks: Bool
    private let guardsIDs: Bool
    private var replacesWills: Bool
    /// Whether the broker tells who came in.
    private var isToldArrivals = false
    /// Bridges and monitors.
    private let leftOut: Set<GivenText>
    private let run: String

    private var clients: [UInt: Client] = [:]
    private var holders: [GivenText: Holders] = [:]
    private var devices: [DeviceKey: SpokenDevice] = [:]
    /// Clients that came, with the time at which they are taken to be in; in the order of time.
    private var arrivals = Line<Arrival>()
    /// Devices that something has happened to, each once.
    private var due = Line<DeviceKey>()
    /// When the broker began to ask about everyone anew; `nil` after the tick that ends it.
    private var reload: Duration?
    /// Whether what ends now is thrown out by a command that is being done.
    private var isCommanded = false
    /// What clients have stated themselves.
    private var words = OwnWords()
    /// The last words of clients that were thrown out.
    private var closing = Line<OwnWords.Left>()
    private var serial: UInt64 = 0
    private var sessions: UInt64 = 0

    /// Nobody is connected.
    ///
    /// - Parameter run: A name for this run of the broker, which no earlier run had: with it, what
    ///   was stated in an earlier run can be told from what is stated in this one.
    public init(_ options: PluginOptions, run: String) {
        naming = options.deviceName
        nameKey = options.deviceNameKey
        settlingTime = options.settlingTime
        speaks = options.autoPresence
        guardsIDs = options.acl
        replacesWills = options.missingWills != .none
        leftOut = Set((options.bridgeUsers + options.monitorUsers).map(GivenText.init))
        self.run = run
    }

    /// How many connections are known, how many devices are spoken for, and on how many topics the
    /// word of a client that is connected is known.
    public var counts: (clients: Int, devices: Int, words: Int) {
        (clients.count, devices.count, words.count)
    }

    /// When the next client has been there long enough; `nil` if none is awaited.
    public var nextArrival: Duration? { arrivals.first?.time }

    /// Whether the last word of somebody who was thrown out is about to be said.
    public var isClosing: Bool { closing.first != nil }

    /// The broker tells who came in: nobody is taken to be in who has only asked.
    public mutating func brokerTellsArrivals() { isToldArrivals = true }

    // MARK: What happens

    /// The broker reads its configuration anew.
    ///
    /// It then asks about the password of everyone again: of those who are connected, and of
    /// sessions that wait for their client. The latter are nobody's presence, and no CONNECT comes
    /// before the tick at the end of this turn.
    public mutating func reloading(at now: Duration) { reload = now }

    /// A CONNECT has come, and nobody has checked the password.
    public mutating func connecting(
        _ key: UInt,
        username: String?,
        clientID: String,
        at now: Duration
    ) -> Admission {
        let (username, clientID) = (username.map(GivenText.init), GivenText(clientID))
        if let known = clients[key], known.username == username, known.clientID == clientID {
            return .undecided
        }
        guard !isReloading(at: now) else { return .undecided }
        if clients[key] != nil { disconnected(key, .untold, at: now) }
        // Nobody keeps the operator's own services out, of which everyone can know the id. The
        // password is checked before the other one is thrown off.
        if guardsIDs, let owner = owner(of: clientID), owner != username,
            username.map(leftOut.contains) != true
        {
            return .idIsTaken(by: owner.text)
        }
        guard let username, !isToldArrivals else { return .undecided }
        arrive(key, username, clientID, at: now)
        return .undecided
    }

    /// A client is in; it may be told more than once.
    public mutating func arrived(
        _ key: UInt,
        username: String,
        clientID: String,
        at now: Duration
    ) {
        let (username, clientID) = (GivenText(username), GivenText(clientID))
        if let known = clients[key] {
            if known.username == username, known.clientID == clientID { return }
            disconnected(key, .untold, at: now)
        }
        arrive(key, username, clientID, at: now)
    }

    /// A client whose CONNECT was not told does something, as one that a certificate has named.
    public mutating func acted(_ key: UInt, username: String, clientID: String, at now: Duration) {
        guard clients[key] == nil, !isToldArrivals else { return }
        arrive(key, GivenText(username), GivenText(clientID), at: now)
    }

    /// A connection has ended, or was refused.
    public mutating func disconnected(_ key: UInt, _ departure: Departure, at now: Duration) {
        let isThrownOut =
            departure == .thrownOut
            || departure == .untold && (isCommanded || isReloading(at: now))
        if let client = clients.removeValue(forKey: key) {
            holders[client.clientID]?.remove(key)
            if holders[client.clientID]?.isEmpty == true { holders[client.clientID] = nil }
            if let id = client.device {
                devices[id]?.lastWord = departure == .orderly ? .offline : .lost
            }
            leave(client)
        }
        for left in words.end(key) {
            if isSpokenFor(left.device) {
                sayAgain(left.device)
            } else if isThrownOut, replacesWills {
                closing.append(left)
            }
        }
    }

    /// A command begins to be done by which the broker may throw clients out, one after the other
    /// before anything else happens.
    public mutating func commanded() { isCommanded = true }

    /// Something else happens: the command is done.
    public mutating func commandIsOver() { isCommanded = false }

    /// Something is written on the topic of a device, a will perhaps: that is its last word then.
    public mutating func written(on device: DeviceKey) {
        closing.removeAll { $0.device == device }
    }

    /// A client has stated something on a device topic of its own user, or has cleared it.
    public mutating func stated(_ key: UInt, on topic: DeviceKey, _ statement: Statement?) {
        commandIsOver()
        if isClosing { written(on: topic) }
        speak(key, for: topic)
        words.state(key, topic, statement)
        // Somebody else's device is still there, whatever this one has said of it.
        if statement?.status.isEnd ?? true, isSpokenFor(topic) { sayAgain(topic) }
    }

    /// A client speaks for itself from now on.
    private mutating func speak(_ key: UInt, for topic: DeviceKey) {
        guard var client = clients[key], let id = client.device, topic.user == id.user else {
            return
        }
        leave(client)
        client.device = nil
        clients[key] = client
        if topic == id {
            // Its word stands there in place of the plugin's.
            devices[id]?.session = nil
        } else {
            devices[id]?.wasWrong = true
        }
    }

    /// The bridge asks a device to announce itself.
    public mutating func asked(_ id: DeviceKey) {
        guard devices[id]?.session != nil else { return }
        sayAgain(id)
    }

    /// Says what is to be written now.
    public mutating func tick(at now: Duration, into writings: inout [Writing]) {
        (reload, isCommanded) = (nil, false)
        while let arrival = arrivals.first, arrival.time <= now {
            arrivals.removeFirst()
            settle(arrival)
        }
        for _ in 0..<Self.statementsPerTick {
            if let left = closing.first {
                closing.removeFirst()
                let payload = Statement(.lost, session: left.session).payload
                writings.append(Writing(device: left.device, payload: payload))
                continue
            }
            guard let id = due.first else { return }
            due.removeFirst()
            write(id, into: &writings)
        }
    }

    /// The broker turns out not to tick: nothing can be stated, and nothing is kept for it.
    public mutating func fallSilent() {
        speaks = false
        arrivals = Line()
        due = Line()
        replacesWills = false
        closing = Line()
        words.removeAll()
        devices = [:]
        for key in clients.keys { clients[key]?.device = nil }
    }

    // MARK: What follows

    /// Whether the broker is asking about everyone anew.
    ///
    /// One that never ticks is through after a second.
    private func isReloading(at now: Duration) -> Bool {
        reload.map { now - $0 < .seconds(1) } ?? false
    }

    private func isSpokenFor(_ device: DeviceKey) -> Bool { (devices[device]?.present ?? 0) > 0 }

    private mutating func sayAgain(_ device: DeviceKey) {
        devices[device]?.isAsked = true
        touch(device)
    }

    private func owner(of clientID: GivenText) -> GivenText? {
        holders[clientID].flatMap { clients[$0.first]?.username }
    }

    private mutating func arrive(
        _ key: UInt,
        _ username: GivenText,
        _ clientID: GivenText,
        at now: Duration
    ) {
        serial += 1
        let isDevice =
            speaks && !leftOut.contains(username)
            && !clientID.text.hasPrefix(ClientIdentifier.watcherPrefix)
        let device =
            isDevice
            ? DeviceKey(
                username: username.text,
                clientID: clientID.text,
                naming: naming,
                key: nameKey
            ) : nil
        clients[key] = Client(
            username: username,
            clientID: clientID,
            serial: serial,
            device: device
        )
        holders[clientID, default: Holders()].add(key)
        guard let device else { return }
        devices[device, default: SpokenDevice()].settling += 1
        arrivals.append(Arrival(key: key, serial: serial, time: now + settlingTime))
    }

    /// A client has been there long enough.
    private mutating func settle(_ arrival: Arrival) {
        guard var client = clients[arrival.key], client.serial == arrival.serial, !client.isIn,
            let id = client.device
        else { return }
        client.isIn = true
        clients[arrival.key] = client
        devices[id]?.settling -= 1
        devices[id]?.present += 1
        touch(id)
    }

    /// A client is none any more that is spoken for.
    private mutating func leave(_ client: Client) {
        guard let id = client.device else { return }
        if client.isIn {
            devices[id]?.present -= 1
        } else {
            devices[id]?.settling -= 1
        }
        touch(id)
    }

    private mutating func touch(_ id: DeviceKey) {
        guard devices[id]?.isDue == false else { return }
        devices[id]?.isDue = true
        due.append(id)
    }

    private mutating func write(_ id: DeviceKey, into writings: inout [Writing]) {
        guard var device = devices[id] else { return }
        if let payload = device.say(newSession: { nextSession() }) {
            writings.append(Writing(device: id, payload: payload))
        }
        devices[id] = device.isIdle ? nil : device
    }

    private mutating func nextSession() -> String {
        sessions += 1
        return "\(run)-\(sessions)"
    }
}

/// A connection.
private struct Client {
    var username: GivenText
    var clientID: GivenText
    /// Tells it from another one whose key is the same.
    var serial: UInt64
    /// What is stated for it; `nil` if nothing is, or nothing any more.
    var device: DeviceKey?
    /// Whether it has been there long enough.
    var isIn = false
}

private struct Arrival {
    var key: UInt
    var serial: UInt64
    var time: Duration
}

/// The connections by one client id: one, and a second one during a take-over.
private struct Holders {
    private var keys: [UInt] = []

    var isEmpty: Bool { keys.isEmpty }
    var first: UInt { keys.first ?? 0 }

    mutating func add(_ key: UInt) { keys.append(key) }
    mutating func remove(_ key: UInt) { keys.removeAll { $0 == key } }
}
