import ArgumentParser
import Foundation
import PresenceClient

/// How to reach the broker, and as whom: the same flags for every command.
struct ConnectionFlags: ParsableArguments {
    @Option(
        help: "The broker: a name, an address, or the path of a Unix socket.",
        completion: .file()
    )
    var host: String?

    @Option(help: "Its port. (1883; 8883 with --cafile)")
    var port: String?

    @Option(help: "The user to log in as.")
    var username: String?

    @Option(help: "The password. Better in the environment or the file: others see flags.")
    var password: String?

    @Option(help: "The name of this device among the user's own.")
    var id: String?

    @Option(help: "The authorities to trust, a PEM file; turns TLS on.", completion: .file())
    var cafile: String?

    @Option(help: "What all topics begin with. (presence)")
    var prefix: String?

    @Option(help: "How long an answer may take. (10s)")
    var timeout: String?

    @Option(
        help: "A bridge's HTTP side, where MQTT is not to be had: https://... or http://..."
    )
    var url: String?

    @Option(
        help: ArgumentHelp(
            "With --url: a file whose first line is a token; better than PRESENCE_TOKEN.",
            valueName: "token-file"
        ),
        completion: .file()
    )
    var tokenFile: String?

    private var flags: [Setting: String] {
        let all: [(Setting, String?)] = [
            (.host, host), (.port, port), (.username, username), (.password, password),
            (.id, id), (.cafile, cafile), (.prefix, prefix), (.timeout, timeout), (.url, url),
        ]
        return all.reduce(into: [:]) { flags, pair in flags[pair.0] = pair.1 }
    }

    /// What the client is made with: flags, environment and file together.
    ///
    /// - Parameter device: What the device is called when nobody says it.
    /// - Throws: `UsageError`.
    func options(device: String = DeviceName.random()) throws -> ClientOptions {
        let given = try given()
        if let url = given[.url], !given.prefersHost {
            throw UsageError(
                "this needs MQTT, and \(url.place) names a bridge's HTTP side; give --host of the broker"
            )
        }
        return try options(given, device: device)
    }

    /// How the service is reached over HTTP; `nil` where it is reached by a broker.
    ///
    /// - Throws: `UsageError`.
    func http() throws -> HTTPOptions? { try HTTPOptions(try given()) }

    /// Flags, environment and file together.
    private func given() throws -> GivenSettings {
        let environment = ProcessInfo.processInfo.environment
        let file = try SettingsFile.load(SettingsFile.usualPath(environment))
        if let file, let secret = file.shownSecret {
            Output.error.say(
                "warning: \(file.path) has a \(secret), and every user of this machine can read "
                    + "it: chmod 600 \(file.path)"
            )
        }
        var flags = flags
        if let tokenFile { flags[.token] = try TokenFile.read(tokenFile) }
        return GivenSettings(flags: flags, environment: environment, file: file)
    }

    private func options(_ given: GivenSettings, device: String) throws -> ClientOptions {
        var options = try ClientOptions(given, device: device)
        if options.password == nil, PasswordPrompt.isPossible {
            options.password = PasswordPrompt.ask(for: options.username)
        }
        return options
    }
}

extension ClientOptions {
    init(_ given: GivenSettings, device: String) throws(UsageError) {
        guard let username = given[.username]?.value else {
            throw UsageError(
                "who are you? Give --username, or set PRESENCE_USERNAME, or write "
                    + "'username NAME' into ~/.config/presence.conf"
            )
        }
        if let host = given[.host], let fault = HostAddress.fault(of: host.value) {
            throw host.error(fault)
        }
        self.init(
            host: given[.host]?.value ?? "localhost",
            port: given[.cafile] == nil ? 1_883 : 8_883,
            username: username,
            password: given[.password]?.value,
            device: given[.id]?.value ?? device
        )
        if let port = given[.port] {
            guard let number = UInt16(port.value), number > 0 else {
                throw port.error("is no port; allowed: 1 to 65535")
            }
            self.port = number
        }
        if let cafile = given[.cafile] {
            guard FileManager.default.isReadableFile(atPath: cafile.value) else {
                throw cafile.error("cannot be read")
            }
            tls = TLSOptions(certificateAuthorityFile: cafile.value)
        }
        if let prefix = given[.prefix] {
            if let fault = TopicPrefix.fault(of: prefix.value) {
                throw prefix.error("\(fault); allowed: \(TopicPrefix.rule)")
            }
            topicPrefix = prefix.value
        }
        if let timeout = given[.timeout] {
            do {
                let lifetime = try Lifetime(timeout.value, most: 86_400)
                answerTimeout = lifetime.duration
                connectTimeout = lifetime.duration
            } catch {
                throw timeout.error(error.words)
            }
        }
    }
}
