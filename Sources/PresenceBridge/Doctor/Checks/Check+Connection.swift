import Mosquitto

/// Whether the configuration is what was meant, and whether the broker answers and lets the bridge
/// in.
extension Check {
    static let configuration: [Check] = [
        Check("configuration") { examination in
            let file = examination.configuration.origin.path ?? "no file, defaults and flags"
            guard let warning = examination.configuration.warnings.first else {
                return .sound("\(file): all of it is understood")
            }
            let count = examination.configuration.warnings.count
            let more = count > 1 ? " (and \(count - 1) more: see --check)" : ""
            let path = examination.broker.passwordFile
            let remedy =
                path.map(FilePrefix.isReadableByAll) == true
                ? examination.shell("chmod 600 \(path ?? "")")
                : examination.own("as it says; 'presence-bridge --check' tells all of it")
            return .wrong("\(warning)\(more)", remedy)
        }
    ]

    static let connection: [Check] = [
        Check("reach") { examination in
            let place = examination.place
            guard case .failed(let failure) = examination.call else {
                return .sound("the broker answers at \(place)")
            }
            if case .refused = failure.cause { return .sound("a broker answers at \(place)") }
            if examination.speaksSomething { return .sound("somebody answers at \(place)") }
            let listener =
                examination.broker.isUnixSocket
                ? "host PATH, as 'listener 0 PATH' in mosquitto.conf says it"
                : "host NAME and port NUMBER of a listener of the broker"
            let certificates =
                examination.broker.tls.isOn ? "; certfile and keyfile, if it wants to see them" : ""
            let isHungUp = examination.isHungUpOn && !examination.broker.tls.isOn
            return .wrong(
                "\(isHungUp ? "somebody hangs up" : "nobody answers") at \(place): \(failure.words)",
                examination.own(listener + certificates)
            )
        },
        Check("login") { examination in
            switch examination.call {
            case .stands: return .sound("the broker lets \(examination.whom) in")
            case .failed(let failure):
                guard case .refused(let refusal) = failure.cause else {
                    return .untold("not tried: there is no connection to the broker")
                }
                return examination.judge(refusal)
            }
        },
        Check("version", needs: .connection) { examination in
            guard let connection = examination.connection else { return nil }
            if connection.version == .v5 { return .sound("the broker speaks MQTT 5") }
            let isWanted = examination.broker.version == .older
            return .untold(
                (isWanted ? "mqtt_version allows" : "the broker speaks")
                    + " MQTT 3.1.1 alone: what is "
                    + "published without a right is acknowledged all the same, so less can be told"
            )
        },
    ]
}

extension Examination {
    /// Whether somebody answers a call with TLS, or one without where that is what the settings say.
    fileprivate var speaksSomething: Bool {
        if case .neither = look.speech { false } else { true }
    }

    /// Where the broker is, in words.
    var place: String {
        broker.isUnixSocket ? broker.host : "\(broker.host) port \(broker.port)"
    }

    fileprivate var whom: String {
        broker.username.map { "'\($0)'" } ?? "the bridge, without a username,"
    }

    fileprivate func judge(_ refusal: ConnectionRefusal) -> Check.Outcome {
        let words = "\(refusal) (\(broker.loginAdvice))"
        switch refusal {
        case .badCredentials, .notAuthorized:
            if broker.username == nil { return .wrong(words, own("username presence-bridge")) }
            if broker.password == nil { return .wrong(words, own("password_file PATH")) }
            return .wrong(
                words,
                shell(
                    "mosquitto_passwd -b PASSWORD_FILE \(login) PASSWORD, with the broker's "
                        + "password_file and the bridge's password; then let mosquitto reload"
                )
            )
        case .unsupportedProtocolVersion: return .wrong(words, own("mqtt_version auto"))
        default:
            return .wrong(words, broker("see its log for the reason"))
        }
    }
}
