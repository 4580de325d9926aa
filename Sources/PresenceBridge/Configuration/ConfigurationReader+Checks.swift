import Presence
import PresenceCore
import PresenceHTTP

/// What only the whole of a configuration shows: defaults that follow from other keys, keys that
/// need or exclude each other, and files that must be there.
extension ConfigurationReader {
    mutating func check() {
        checkPort()
        checkExpiry()
        checkLengths()
        checkPassword()
        checkStore()
        checkCertificates()
        checkAdoption()
        checkExport()
        checkTokens()
        checkWebhooks()
    }

    func isSet(_ key: String) -> Bool { sources[key] != nil }

    /// Where a key got its value, as it is told beside another key.
    func told(_ key: String) -> String { "\(key) (\(sources[key] ?? .byDefault))" }

    private mutating func checkPort() {
        if settings.broker.isUnixSocket {
            settings.broker.port = 0
            sources["port"] = .implied(by: "host")
        } else if settings.broker.port == 0, isSound("host", "port") {
            refuse("port", "'0' \(BadValue.outOfRange.reason); allowed: 1 to 65535")
        } else if settings.broker.tls.isOn, !isSet("port") {
            settings.broker.port = 8_883
            sources["port"] = .implied(by: "cafile")
        }
    }

    private mutating func checkExpiry() {
        let (length, most) = (settings.limits.defaultExpiry, settings.limits.maxExpiry)
        guard isSound("max_expiry", "default_expiry"), length > most else { return }
        if isSet("default_expiry") {
            let most = DurationText.show(.seconds(most))
            refuse("default_expiry", "is longer than \(told("max_expiry")), which is \(most)")
        } else {
            settings.limits.defaultExpiry = most
            sources["default_expiry"] = .implied(by: "max_expiry")
        }
    }

    private mutating func checkLengths() {
        let (size, most) = (settings.limits.maxDescription, settings.limits.maxMessage)
        guard isSound("max_description", "max_message"), size > most else { return }
        if isSet("max_description") {
            let other = told("max_message")
            refuse("max_description", "\(size) is more than \(other), which is \(most)")
        } else {
            let other = told("max_description")
            refuse("max_message", "\(most) is less than \(other), which is \(size)")
        }
    }

    private mutating func checkPassword() {
        let broker = settings.broker
        guard let path = broker.passwordFile else {
            guard broker.password != nil else { return }
            warnOfMissingUsername("password")
            if case .file(let path, _) = sources["password"], FilePrefix.isReadableByAll(path) {
                warnings.append(
                    "\(told("password")): every user of this machine may read it; better a"
                        + " password_file with mode 600"
                )
            }
            return
        }
        guard !isSet("password") else {
            let other = told("password_file")
            return refuse("password", "excludes \(other): the password comes from one of them")
        }
        guard isSound("password") else { return }
        guard let password = readPassword(path, of: "password_file") else { return }
        settings.broker.password = password
        sources["password"] = .implied(by: "password_file")
        warnOfMissingUsername("password_file")
    }

    /// Reads the file of a key whose first line is a password; `nil` where it holds none, which is refused.
    mutating func readPassword(_ path: String, of key: String) -> String? {
        do throws(PasswordFile.Failure) {
            let password = try PasswordFile.read(path)
            if FilePrefix.isReadableByAll(path) {
                warnings.append("\(key): every user of this machine may read \(quoted(path))")
            }
            return password
        } catch {
            refuse(key, error.description)
            return nil
        }
    }

    private mutating func warnOfMissingUsername(_ key: String) {
        guard settings.broker.username == nil, isSound("username") else { return }
        warnings.append(
            "\(told(key)): a password, but no username: set username to the name that the broker"
                + " knows the bridge by"
        )
    }

    /// What is known of the files of TLS before they are used: that they are there, that they hold what
    /// they should, and that they are there together.
    private mutating func checkCertificates() {
        let tls = settings.broker.tls
        for (key, path, content) in [
            ("cafile", tls.cafile, PEM.certificate), ("certfile", tls.certfile, .certificate),
            ("keyfile", tls.keyfile, .privateKey),
        ] {
            if let path { check(content, in: path, of: key) }
        }
        guard isSound("cafile", "certfile", "keyfile", "tls_insecure") else { return }
        for (key, other) in [("certfile", "keyfile"), ("keyfile", "certfile")]
        where isSet(key) && !isSet(other) {
            refuse(key, "needs \(other) beside it")
        }
        guard !tls.isOn else { return }
        if isSet("certfile"), isSet("keyfile") {
            refuse("certfile", "needs cafile beside it, which turns TLS on")
        }
        if tls.insecure {
            warnings.append("tls_insecure without cafile: the connection is not encrypted at all")
        }
    }

    private mutating func check(_ content: PEM, in path: String, of key: String) {
        guard let text = readable(key, path, atMost: PEM.longest) else { return }
        if let fault = content.fault(in: text) { refuse(key, "\(quoted(path)) \(fault)") }
    }

    private mutating func checkTokens() {
        let http = settings.http
        guard let path = http.tokenFile else {
            guard http.listen != nil else { return }
            return warnings.append(
                "\(told("http_listen")) without http_tokens: nobody may call anything but /livez, /readyz and"
                    + " /openapi.json"
            )
        }
        if http.listen == nil {
            warnings.append("\(told("http_tokens")) without http_listen: HTTP is not spoken at all")
        }
        do throws(TokenFile.Failure) {
            _ = try TokenFile.read(path)
        } catch {
            let reason = escaped(String(error.description.prefix(200)))
            refuse("http_tokens", "the file of tokens cannot be read: \(reason)")
        }
    }

    private mutating func checkWebhooks() {
        let webhooks = settings.webhooks
        if let path = webhooks.cafile {
            check(PEM.certificate, in: path, of: "webhook_cafile")
        }
        if let path = webhooks.secretFile {
            do throws(PasswordFile.Failure) {
                let key = try WebhookSecret.read(path)
                settings.webhooks.secret = key
                if key.count < WebhookSecret.shortest {
                    warnings.append(
                        "\(told("webhook_secret_file")): a key of \(key.count) bytes can be guessed; 24 and more are"
                            + " usual"
                    )
                }
            } catch {
                refuse("webhook_secret_file", error.description)
            }
        } else if !webhooks.addresses.isEmpty {
            warnings.append(
                "\(told("webhook")) without webhook_secret_file: requests are not signed, and who receives them"
                    + " cannot tell them from anybody's"
            )
        }
    }

    /// The first bytes of a file that a key names, or `nil` when it cannot be read, which is a
    /// problem of that key.
    private mutating func readable(_ key: String, _ path: String, atMost limit: Int) -> [UInt8]? {
        do throws(FileFailure) {
            return try FilePrefix(of: path, atMost: limit).bytes
        } catch {
            refuse(key, "\(quoted(path)) cannot be read: \(error.reason)")
            return nil
        }
    }
}
