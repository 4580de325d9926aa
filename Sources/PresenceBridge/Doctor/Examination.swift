import Mosquitto
import Presence
import PresenceCore
import PresenceStore

/// What the checks share: the settings, the connections, and what earlier ones have found out.
final class Examination {
    /// What became of the call of the broker in the bridge's name.
    enum Call {
        case stands(ProbeConnection)
        case failed(SideCall.Failure)
    }

    let configuration: Configuration
    let options: Doctor.Options
    let topics: Topics
    /// What tells this run's probes from all others.
    let nonce: String
    let waker: Waker?
    /// The Unix second at which it began, of which certificates are good or not.
    let second = Instant.now.unix / 1_000

    private(set) lazy var call = makeCall()
    /// What the port speaks and the certificate it shows: by the bridge's own call, or by one that accepts
    /// any certificate and sends no login.
    private(set) lazy var look = TLSLook(self)
    private(set) lazy var rights = RightTrials(self)
    private(set) lazy var userCall = makeUserCall()
    private(set) lazy var userRights = UserTrials(self)
    private(set) lazy var bridges = retainedBridges()
    private(set) lazy var brokerFile = options.brokerFile.map { BrokerFile(path: $0) }
    /// The store's file; `nil` where it is in a database.
    private(set) lazy var store: StoreInspection? = {
        guard case .file(let path) = settings.store.location else { return nil }
        return StoreInspection.look(at: path)
    }()
    /// The store's database; `nil` where it is in a file.
    private(set) lazy var database = settings.store.database.map(DatabaseInspection.look)
    private(set) lazy var pluginReport = PluginReport(self)
    /// When the connection was made, in milliseconds of uptime.
    private(set) var connected: Int64 = 0

    init(_ configuration: Configuration, _ options: Doctor.Options) {
        self.configuration = configuration
        self.options = options
        topics = Topics(prefix: configuration.settings.topicPrefix)
        nonce = String(UInt64.random(in: .min ... .max), radix: 36)
        waker = try? Waker()
    }

    var settings: Settings { configuration.settings }
    var broker: Settings.Broker { settings.broker }

    /// The connection in the bridge's name, if there is one and it is not over.
    var connection: ProbeConnection? {
        guard case .stands(let connection) = call, connection.end == nil else { return nil }
        return connection
    }

    /// The connection in the user's name, if there is one and it is not over.
    var userConnection: ProbeConnection? {
        guard case .stands(let connection)? = userCall, connection.end == nil else { return nil }
        return connection
    }

    /// Why a check that needs something cannot be made; `nil` where it can.
    func lack(_ need: Check.Need) -> String? {
        if connection == nil {
            if case .stands(let connection) = call, let end = connection.end {
                return "the connection to the broker has ended: \(end)"
            }
            return "there is no connection to the broker"
        }
        guard need == .userConnection, userConnection == nil else { return nil }
        return "there is no connection in the name of \(options.user ?? "a user")"
    }

    /// Whether somebody took the bridge's call, and ended it without an answer.
    var isHungUpOn: Bool {
        guard case .failed(let failure) = call, case .hungUp(let closure) = failure.cause else {
            return false
        }
        switch closure {
        case .tls, .lost, .protocolViolation: return true
        // With TLS it may be that somebody is there who does not speak it.
        case .unreachable: return broker.tls.isOn
        case .byUs, .byServer, .keepAliveTimeout, .hostNotFound: return false
        }
    }

    // MARK: - Calls

    private func makeCall() -> Call {
        let call = self.call { _ in }
        connected = Instant.now.uptime
        // What the broker and the bridges keep of themselves comes while other things are tried.
        if case .stands(let connection) = call {
            _ = connection.subscribe(
                [SystemTopics.uptime, SystemTopics.dropped, topics.everyBridge],
                qos: 0
            )
        }
        return call
    }

    /// Calls the broker once more, as the bridge does but for what is changed.
    func call(
        as version: Settings.Broker.Version? = nil,
        _ change: (inout ConnectionOptions) -> Void
    ) -> Call {
        guard let waker else {
            let failure = MosquittoError.invalidOption("the process has no file descriptor left")
            return .failed(
                SideCall.Failure(cause: .notCalled(failure), words: "\(failure)", certificate: nil)
            )
        }
        var broker = self.broker
        if let version { broker.version = version }
        var call = SideCall(broker, patience: ProbeConnection.patience)
        do throws(SideCall.Failure) {
            let answered = try call.connect(waker) { options in
                options.tls?.keepsCertificate = true
                change(&options)
            }
            return .stands(ProbeConnection(answered, waker))
        } catch {
            return .failed(error)
        }
    }

    /// Calls the broker as somebody else, without the bridge's password and without its
    /// certificate.
    func call(
        as username: String?,
        _ password: String?,
        _ change: (inout ConnectionOptions) -> Void = { _ in }
    ) -> Call {
        call { options in
            // The plugin makes no device of a client with such an id.
            options.clientID = "presence-watch-\(options.clientID.suffix(64))"
            options.username = username
            options.password = password
            options.tls?.certificateFile = nil
            options.tls?.keyFile = nil
            change(&options)
        }
    }

    private func makeUserCall() -> Call? {
        options.user.map { call(as: $0, options.password) }
    }

    /// Whether the will of a connection comes to the bridge's own login when that connection breaks.
    func publishesWill(_ topic: String, of dying: ProbeConnection) -> Bool {
        guard let connection else { return false }
        _ = connection.subscribe([topic])
        dying.drop()
        let payload = ProbeConnection.payload
        return !connection.heard([topic], payload, within: ProbeConnection.patience).isEmpty
    }

    // MARK: - What is retained

    /// What the bridges of the prefix retain of themselves.
    private func retainedBridges() -> [(id: String, state: BridgeState?)] {
        guard let connection else { return [] }
        // Whatever is published behind the subscription comes behind what is retained.
        connection.wait(500) { connection.messages.contains(where: topics.isBridgeState) }
        return connection.messages.compactMap { message in
            guard topics.isBridgeState(message), let id = topics.bridge(of: message.topic)?.id
            else {
                return nil
            }
            return (id, BridgeState(reading: message.payload))
        }
    }

    /// The bridges that say of themselves that they serve.
    var serving: [String] { bridges.compactMap { $0.state == nil ? nil : $0.id } }

    func leave() {
        if case .stands(let connection) = call { connection.leave() }
        if case .stands(let connection)? = userCall { connection.leave() }
    }
}
