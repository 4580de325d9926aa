import PresenceCore

/// What only the whole of a configuration shows: defaults that follow from other keys, keys that
/// need or exclude each other, and files that must be there.
extension Assembly {
    /// Draws the conclusions, once every layer has been read.
    mutating func conclude() {
        concludePort()
        concludeExpiry()
        concludePassword()
        concludeCertificates()
    }

    func isSet(_ key: String) -> Bool {
        sources[key] != nil
    }

    func isSound(_ keys: String...) -> Bool {
        refused.isDisjoint(with: keys)
    }

    /// Where a key got its value, as it is told beside another key.
    private func told(_ key: String) -> String {
        "\(key) (\(sources[key] ?? .byDefault))"
    }

    mutating func refuse(_ key: String, _ message: String) {
        if let setting = Setting.named(key) {
            refuse(setting, message)
        }
    }

    private mutating func concludePort() {
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

    private mutating func concludeExpiry() {
        if isSound("max_expiry", "default_expiry"),
            settings.limits.defaultExpiry > settings.limits.maxExpiry
        {
            if isSet("default_expiry") {
                let most = DurationText.show(.seconds(settings.limits.maxExpiry))
                refuse("default_expiry", "is longer than \(told("max_expiry")), which is \(most)")
            } else {
                settings.limits.defaultExpiry = settings.limits.maxExpiry
                sources["default_expiry"] = .implied(by: "max_expiry")
            }
        }
        if isSound("max_description", "max_message"),
            settings.limits.maxDescription > settings.limits.maxMessage
        {
            let (size, most) = (settings.limits.maxDescription, settings.limits.maxMessage)
            if isSet("max_description") {
                let other = told("max_message")
                refuse("max_description", "\(size) is more than \(other), which is \(most)")
            } else {
                let other = told("max_description")
                refuse("max_message", "\(most) is less than \(other), which is \(size)")
            }
        }
    }

    private mutating func concludePassword() {
        let broker = settings.broker
        guard let path = broker.passwordFile else {
            if broker.password != nil {
                warnOfMissingUsername("password")
                warnOfReadableFile()
            }
            return
        }
        guard !isSet("password") else {
            let other = told("password_file")
            refuse("password", "excludes \(other): the password comes from one of them")
            return
        }
        guard isSound("password") else {
            return
        }
        guard let start = readable("password_file", path, atMost: 65_537) else {
            return
        }
        let line = start.prefix { $0 != UInt8(ascii: "\n") }
        let password = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard !password.isEmpty, password.count <= 65_535, !password.contains(0),
            let text = String(validating: password, as: UTF8.self)
        else {
            refuse(
                "password_file",
                "the first line of \(quoted(path)) is no password;"
                    + " allowed: 1 to 65535 bytes of UTF-8"
            )
            return
        }
        settings.broker.password = text
        sources["password"] = .implied(by: "password_file")
        warnOfMissingUsername("password_file")
        if FileStart.isReadableByAll(path) {
            warnings.append("password_file: every user of this machine may read \(quoted(path))")
        }
    }

    /// Warns of a password that no broker looks at, since it belongs to nobody.
    private mutating func warnOfMissingUsername(_ key: String) {
        guard settings.broker.username == nil, isSound("username") else { return }
        warnings.append(
            "\(told(key)): a password, but no username: set username to the name that the broker"
                + " knows the bridge by"
        )
    }

    /// Warns of a password that stands in a file that everybody may read.
    private mutating func warnOfReadableFile() {
        guard case .file(let path, _) = sources["password"], FileStart.isReadableByAll(path) else {
            return
        }
        warnings.append(
            "\(told("password")): every user of this machine may read it; better a password_file"
                + " with mode 600"
        )
    }

    /// The first bytes of a file that a key names, or `nil` when it cannot be read, which is a
    /// problem of that key.
    mutating func readable(_ key: String, _ path: String, atMost limit: Int) -> [UInt8]? {
        do throws(FileFailure) {
            return try FileStart(of: path, atMost: limit).bytes
        } catch {
            refuse(key, "\(quoted(path)) cannot be read: \(error.reason)")
            return nil
        }
    }
}
