import Mosquitto
import Presence
import PresenceCore

/// How the broker is called, and for how long not.
struct Calls {
    /// Why there is no connection.
    enum Cause {
        case notCalled(MosquittoError)
        case refused(ConnectionRefusal)
        /// The call ended before it was answered.
        case hungUp(Closure)
        /// The broker has not answered the call in time.
        case unanswered
        /// A connection that stood was closed; whether it had begun to take requests.
        case closed(Closure, hasServed: Bool)
        /// The bridge gives a connection up that stood; without words the next call comes at once.
        case givenUp(String?)
    }

    private let broker: Settings.Broker
    private var random: any RandomNumberGenerator
    private var versions: VersionChoice
    private var redial: Redial
    /// Why calls have failed, until one is answered.
    private var complaints = Remarks()
    /// The client id: known to nobody else, since whoever connects with it throws the connection off.
    ///
    /// It is longer than the name of a device, so that a plugin that makes devices of clients does not
    /// show it as one.
    private(set) var clientID = ""
    private let started: Int64
    private var count = 0

    init(_ broker: Settings.Broker, started: Instant, random: any RandomNumberGenerator) {
        self.broker = broker
        self.random = random
        self.started = started.unix
        versions = VersionChoice(broker.version)
        redial = Redial(at: started.uptime)
        renew()
    }

    private mutating func renew() { clientID = "\(broker.bridgeID)-\(letters())" }

    /// What the latest call, and the connection that comes of it, are told apart by from all others.
    ///
    /// It is no secret, unlike the client id: it stays on the broker with the will.
    var connectionID: String { "\(started)-\(count)" }

    /// The next call, with the will that says that the bridge is away.
    mutating func options(_ topics: Topics) -> ConnectionOptions {
        count += 1
        var options = optionsBeside()
        options.will = Message(stateOf: broker.bridgeID, BridgeState.offline, topics)
        options.will?.connectionID = connectionID
        return options
    }

    /// A call beside the connection that stands, in its name and without a will.
    func optionsBeside() -> ConnectionOptions {
        let port = UInt16(clamping: broker.port)
        var options = ConnectionOptions(clientID: clientID, host: broker.host, port: port)
        options.username = broker.username
        options.password = broker.password
        options.keepAlive = UInt16(clamping: broker.keepAlive.milliseconds / 1_000)
        options.protocolVersion = version
        options.sendMaximum = UInt16(LinkBounds.sendMaximum)
        guard broker.tls.isOn else { return options }
        var tls = TLSOptions(certificateAuthorityFile: broker.tls.cafile)
        tls.certificateFile = broker.tls.certfile
        tls.keyFile = broker.tls.keyfile
        tls.acceptsAnyHostName = broker.tls.insecure
        options.tls = tls
        return options
    }

    var version: ProtocolVersion { versions.current }

    /// Letters and digits that nobody can guess, 64 with almost 6 bits each.
    mutating func letters() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String(
            (0..<64).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        )
    }

    mutating func nonce() -> UInt64 { random.next() }

    mutating func stand() {
        versions.stand()
        complaints = Remarks()
    }

    /// The connection serves, or stands by: the next failure is a first one.
    mutating func settle() { redial.serve() }

    /// There is no connection: returns for how many milliseconds, and why, if that is new.
    mutating func rest(for cause: Cause, at uptime: Int64) -> (pause: Int64, complaint: String?) {
        let failure = CallFailure(broker: broker)
        var isAbsent = false
        var words: String?
        switch cause {
        case .notCalled(let error): words = "\(error)"
        case .refused(let refusal):
            let isVersion = refusal == .unsupportedProtocolVersion
            words = fail(isVersion ? .refused : .other, failure.words(refusal))
        case .hungUp(let closure):
            words = fail(closure.versionFailure, failure.words(closure))
            isAbsent = words != nil && closure.isAbsence
        case .unanswered: words = fail(.unanswered, "it does not answer")
        case .closed(let closure, let hasServed):
            if hasServed { redial.lose(at: uptime) }
            words = lose(closure)
        case .givenUp(let complaint):
            versions.end()
            words = complaint
        }
        let pause = redial.pause(isAbsent: isAbsent, at: uptime, using: &random)
        guard let words else { return (0, nil) }
        return (pause, complaints.isNew(words) ? words : nil)
    }

    /// A call has come to nothing; returns why, unless it is repeated in the other version at once.
    private mutating func fail(_ failure: VersionChoice.Failure, _ words: String) -> String? {
        switch versions.fail(failure) {
        case .again: words
        case .older: nil
        case .neither: "neither with MQTT 5 nor with MQTT 3.1.1: \(words)"
        }
    }

    private mutating func lose(_ closure: Closure) -> String? {
        versions.end()
        guard closure == .byServer(.sessionTakenOver) else {
            return closure == .byUs ? nil : "\(closure)"
        }
        // Whoever it was cannot know the next one.
        renew()
        return "\(closure): somebody else had this bridge's client id, so it takes a new one"
    }
}
