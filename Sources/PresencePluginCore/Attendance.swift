import DequeModule
import Presence

/// Who is connected, and what has to be stated for those who state nothing themselves.
///
/// mosquitto 2.0 tells of every CONNECT before it has checked the password, and of every end of a
/// connection, also of one that it refused; it does not tell who came in. A client did that is still
/// there when the settling time (``PluginOptions/settlingTime``) is over. So long a client has to state
/// something itself; if it does, the plugin states nothing for it. mosquitto 2.1 tells who came in
/// (``arrived(_:username:clientID:at:)``), and why a client went.
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
    private let hashKey: String
    private let settlingTime: Duration
    private var makesDevices: Bool
    private let guardsIDs: Bool
    private var replacesWills: Bool
    /// Whether the broker tells who came in.
    private var isToldArrivals = false
    /// Bridges and monitors.
    private let leftOut: Set<ExactText>
    private let run: String

    private var clients: [UInt: Client] = [:]
    /// The connections by each client id: one, and a second one during a take-over.
    private var keys: [ExactText: [UInt]] = [:]
    private var devices: [DeviceKey: AutomaticDevice] = [:]
    /// Clients that came, with the time at which they are taken to be in; in the order of time.
    private var arrivals: Deque<(key: UInt, serial: UInt64, time: Duration)> = []
    /// Devices that something has happened to, each once.
    private var due: Deque<DeviceKey> = []
    /// When the broker began to ask about everyone anew; `nil` after the tick that ends it.
    private var reload: Duration?
    /// Whether what ends now is thrown out by a command that is being done.
    private var isCommanded = false
    private var statements = ClientStatements()
    /// The devices of clients that were thrown out, which are to be stated as lost.
    private var missingWills: Deque<ClientStatements.Left> = []
    private var serial: UInt64 = 0
    private var sessions: UInt64 = 0

    /// Nobody is connected.
    ///
    /// - Parameter run: A name for this run of the broker, which no earlier run had: with it, what
    ///   was stated in an earlier run can be told from what is stated in this one.
    public init(_ options: PluginOptions, run: String) {
        naming = options.deviceName
        hashKey = options.deviceNameKey
        settlingTime = options.settlingTime
        makesDevices = options.autoPresence
        guardsIDs = options.acl
        replacesWills = options.missingWills != .none
        leftOut = Set((options.bridgeUsers + options.monitorUsers).map(ExactText.init))
        self.run = run
    }

    /// How many connections are known, how many devices the plugin states, and on how many topics the
    /// statement of a client that is connected is known.
    public var counts: (clients: Int, devices: Int, statements: Int) {
        (clients.count, devices.count, statements.count)
    }

    /// When the next client has been there long enough; `nil` if none is awaited.
    public var nextArrival: Duration? { arrivals.first?.time }

    /// Whether a device of a client that was thrown out is about to be stated as lost.
    public var owesWills: Bool { !missingWills.isEmpty }

    /// The broker tells who came in: nobody is taken to be in who has only sent a CONNECT.
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
        let (username, clientID) = (username.map(ExactText.init), ExactText(clientID))
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
        let (username, clientID) = (ExactText(username), ExactText(clientID))
        if let known = clients[key] {
            if known.username == username, known.clientID == clientID { return }
            disconnected(key, .untold, at: now)
        }
        arrive(key, username, clientID, at: now)
    }

    /// A client whose CONNECT was not told does something, as one that a certificate has named.
    public mutating func acted(_ key: UInt, username: String, clientID: String, at now: Duration) {
        guard clients[key] == nil, !isToldArrivals else { return }
        arrive(key, ExactText(username), ExactText(clientID), at: now)
    }

    /// A connection has ended, or was refused.
    public mutating func disconnected(_ key: UInt, _ departure: Departure, at now: Duration) {
        let isThrownOut =
            departure == .thrownOut
            || departure == .untold && (isCommanded || isReloading(at: now))
        if let client = clients.removeValue(forKey: key) {
            keys[client.clientID]?.removeAll { $0 == key }
            if keys[client.clientID]?.isEmpty == true { keys[client.clientID] = nil }
            if let device = client.device {
                devices[device]?.lastWord = departure == .orderly ? .offline : .lost
            }
            leave(client)
        }
        for left in statements.end(key) {
            if isStated(left.device) {
                stateAgain(left.device)
            } else if isThrownOut, replacesWills {
                missingWills.append(left)
            }
        }
    }

    /// A command begins to be done by which the broker may throw clients out, one after the other
    /// before anything else happens.
    public mutating func commanded() { isCommanded = true }

    /// Something else happens: the command is done.
    public mutating func commandIsOver() { isCommanded = false }

    /// Something is written on the topic of a device, its will perhaps: then that is not missing.
    public mutating func written(on device: DeviceKey) {
        missingWills.removeAll { $0.device == device }
    }

    /// A client has stated something on a device topic of its own user, or has cleared it.
    public mutating func stated(_ key: UInt, on topic: DeviceKey, _ statement: Statement?) {
        commandIsOver()
        if owesWills { written(on: topic) }
        endAutomatic(key, by: topic)
        statements.state(key, topic, statement)
        // The device of another client is still there, whatever this client has said of it.
        if statement?.status.isEnd ?? true, isStated(topic) { stateAgain(topic) }
    }

    /// A client states its own device from now on: the plugin states none for it any more.
    private mutating func endAutomatic(_ key: UInt, by topic: DeviceKey) {
        guard let client = clients[key], let device = client.device, topic.user == device.user
        else { return }
        leave(client)
        clients[key]?.device = nil
        if topic == device {
            // The client's statement stands there in place of the plugin's.
            devices[device]?.session = nil
        } else {
            devices[device]?.isMisnamed = true
        }
    }

    /// The bridge asks a device to announce itself.
    public mutating func asked(_ device: DeviceKey) {
        if devices[device]?.session != nil { stateAgain(device) }
    }

    /// Says what is to be written now.
    public mutating func tick(at now: Duration, into writings: inout [Writing]) {
        (reload, isCommanded) = (nil, false)
        while let arrival = arrivals.first, arrival.time <= now {
            arrivals.removeFirst()
            settle(arrival.key, arrival.serial)
        }
        for _ in 0..<Self.statementsPerTick {
            if let left = missingWills.popFirst() {
                let payload = Statement(.lost, session: left.session).payload
                writings.append(Writing(device: left.device, payload: payload))
            } else if let device = due.popFirst() {
                write(device, into: &writings)
            } else {
                return
            }
        }
    }

    /// The broker turns out not to tick: nothing can be stated, and nothing is kept for it.
    public mutating func stopStating() {
        makesDevices = false
        arrivals = []
        due = []
        replacesWills = false
        missingWills = []
        statements = ClientStatements()
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

    private func isStated(_ device: DeviceKey) -> Bool { (devices[device]?.present ?? 0) > 0 }

    private mutating func stateAgain(_ device: DeviceKey) {
        devices[device]?.isAsked = true
        touch(device)
    }

    private func owner(of clientID: ExactText) -> ExactText? {
        keys[clientID]?.first.flatMap { clients[$0]?.username }
    }

    private mutating func arrive(
        _ key: UInt,
        _ username: ExactText,
        _ clientID: ExactText,
        at now: Duration
    ) {
        serial += 1
        var client = Client(username: username, clientID: clientID, serial: serial)
        if makesDevices, !leftOut.contains(username),
            !clientID.text.hasPrefix(ClientIdentifier.watcherPrefix)
        {
            client.device = DeviceKey(
                username: username.text,
                clientID: clientID.text,
                naming: naming,
                hashKey: hashKey
            )
        }
        clients[key] = client
        keys[clientID, default: []].append(key)
        guard let device = client.device else { return }
        devices[device, default: AutomaticDevice()].settling += 1
        arrivals.append((key, serial, now + settlingTime))
    }

    /// The settling time of a client is over.
    private mutating func settle(_ key: UInt, _ serial: UInt64) {
        guard let client = clients[key], client.serial == serial, !client.isIn,
            let device = client.device
        else { return }
        clients[key]?.isIn = true
        devices[device]?.settling -= 1
        devices[device]?.present += 1
        touch(device)
    }

    /// The plugin states nothing for the client any more.
    private mutating func leave(_ client: Client) {
        guard let device = client.device else { return }
        if client.isIn {
            devices[device]?.present -= 1
        } else {
            devices[device]?.settling -= 1
        }
        touch(device)
    }

    private mutating func touch(_ device: DeviceKey) {
        guard devices[device]?.isDue == false else { return }
        devices[device]?.isDue = true
        due.append(device)
    }

    private mutating func write(_ key: DeviceKey, into writings: inout [Writing]) {
        guard var device = devices[key] else { return }
        if let payload = device.nextPayload(newSession: { nextSession() }) {
            writings.append(Writing(device: key, payload: payload))
        }
        devices[key] = device.isIdle ? nil : device
    }

    private mutating func nextSession() -> String {
        sessions += 1
        return "\(run)-\(sessions)"
    }
}

/// A connection.
private struct Client {
    var username: ExactText
    var clientID: ExactText
    /// Tells it from another one whose key is the same.
    var serial: UInt64
    /// The device that the plugin makes of it; `nil` if none, or none any more.
    var device: DeviceKey?
    /// Whether its settling time is over.
    var isIn = false
}
