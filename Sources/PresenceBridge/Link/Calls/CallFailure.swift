import Mosquitto

/// Why a call of the broker came to nothing, in words for the operator: what was seen, and where to
/// look.
struct CallFailure {
    let broker: Settings.Broker

    func words(_ closure: Closure) -> String {
        switch closure {
        case .tls(let words): tls(words)
        case .lost(let words) where broker.tls.isOn:
            "TLS failed: \(words): does port \(broker.port) speak TLS?"
        case .lost where !broker.isUnixSocket:
            "\(closure) (if port \(broker.port) speaks TLS, cafile is missing)"
        case .protocolViolation: "\(closure): does port \(broker.port) speak MQTT?"
        case .lost, .byUs, .byServer, .keepAliveTimeout, .hostNotFound, .unreachable: "\(closure)"
        }
    }

    /// What the library says of a certificate differs from release to release, and newer ones do not
    /// say that the name is wrong.
    private func tls(_ words: String) -> String {
        if words.contains("host name verification failed") {
            return "TLS failed: the broker's certificate is not for '\(broker.host)'"
        }
        if words.contains("certificate verify failed") {
            let authorities = broker.tls.cafile.map { "'\($0)'" } ?? "the system's list"
            let name = broker.tls.insecure ? "" : ", is not for '\(broker.host)'"
            return "TLS failed: the broker's certificate is not signed by an authority in "
                + "\(authorities)\(name), or is out of date"
        }
        if words.contains("wrong version number") {
            return "TLS failed: does port \(broker.port) speak TLS?"
        }
        return "TLS failed: \(words)"
    }

    func words(_ refusal: ConnectionRefusal) -> String {
        switch refusal {
        case .badCredentials, .notAuthorized: "\(refusal) (\(broker.loginAdvice))"
        case .unsupportedProtocolVersion where broker.version != .auto:
            "\(refusal), and mqtt_version allows no other"
        default: "\(refusal)"
        }
    }
}

extension Closure {
    /// Whether a connection that never stood may have ended so because of the version of MQTT.
    var versionFailure: VersionChoice.Failure {
        switch self {
        case .lost: .hungUp
        case .protocolViolation: .malformed
        case .byUs, .byServer, .keepAliveTimeout, .hostNotFound, .unreachable, .tls: .other
        }
    }

    /// Whether a connection that never stood shows that no broker is there: nobody listens, or what
    /// stands before it hangs up.
    var isAbsence: Bool {
        switch self {
        case .unreachable, .lost: true
        case .byUs, .byServer, .keepAliveTimeout, .hostNotFound, .tls, .protocolViolation: false
        }
    }
}

extension Settings.Broker {
    var loginAdvice: String {
        switch (username, password) {
        case (nil, nil): "neither username nor password is set"
        case (nil, _): "username is not set, only a password"
        case (let username?, nil):
            "neither password nor password_file is set for user \(username)"
        case (let username?, _):
            "check username and password, or password_file, of user \(username)"
        }
    }
}
