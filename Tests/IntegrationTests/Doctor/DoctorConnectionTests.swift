import BrokerFixture
import Foundation
import Presence
import Testing

/// `presence-bridge doctor` where the broker cannot be reached, does not let the bridge in, or
/// shows a certificate that is not right.
@Suite("The doctor at doors that do not open")
struct DoctorConnectionTests {
    @Test("A wrong password is found, and what depends on a connection says that it was not tried")
    func wrongPassword() async throws {
        let service = try await Service.examined()
        defer { service.end() }
        let report = try await service.doctor(["password": "open-sesame"])
        #expect(report.exit == .code(1))
        #expect(report.wrong == ["login"], "\(report.output)")
        #expect(report.line("login").contains("mosquitto_passwd -b"))
        #expect(report.outcome("reach") == "sound")
        for check in ["right-device", "queue", "uptime", "user-login", "anonymous"] {
            #expect(report.outcome(check) == "untold")
            #expect(report.words(check) == "not tried: there is no connection to the broker")
        }
        // What needs none is looked at all the same.
        #expect(report.outcome("room") == "sound")
        // Nobody is told the password.
        #expect(!(report.output + report.errors).contains("sesame"))
    }

    @Test("Without a username, and without a password, the key that is missing is named")
    func noLogin() async throws {
        let service = try await Service.examined()
        defer { service.end() }
        let place = ["--host", service.broker.host, "--port", "\(service.broker.port)"]
        for (login, line) in [
            ([], "username presence-bridge"), (["--username", "presence-bridge"], "password_file"),
        ] {
            let child = try Child(Service.executable, ["doctor", "--json"] + place + login)
            try await child.wait()
            let report = try DoctorReport(child)
            #expect(report.wrong == ["login"], "\(report.output)")
            #expect(report.line("login").contains(line))
        }
    }

    @Test("Nobody at the port, and a name that there is not, end within seconds")
    func nobody() async throws {
        let service = try await Service.examined()
        defer { service.end() }
        let port = service.broker.port
        service.broker.kill()
        for flags in [
            ["port": "\(port)"], ["host": "no-such-host.invalid"], ["host": "/no/such/socket"],
        ] {
            let begun = ContinuousClock.now
            let report = try await service.doctor(flags)
            #expect(report.wrong == ["reach"], "\(report.output)")
            #expect(report.outcome("login") == "untold")
            #expect(report.line("reach").contains("host"))
            #expect(ContinuousClock.now - begun < .seconds(25))
        }
    }

    @Test("A broker that takes the call and says nothing costs seconds")
    func silent() async throws {
        let service = try await Service.examined()
        defer { service.end() }
        service.broker.pause()
        let begun = ContinuousClock.now
        let report = try await service.doctor()
        service.broker.resume()
        #expect(report.wrong == ["reach"], "\(report.output)")
        #expect(report.words("reach").contains("it does not answer"))
        #expect(ContinuousClock.now - begun < .seconds(30))
    }

    @Test("Somebody who hangs up is no broker, with TLS neither", arguments: [false, true])
    func hangsUp(_ isTLS: Bool) async throws {
        let service = try await Service.examined { $0.tls = true }
        defer { service.end() }
        let relay = try Relay(to: nil)
        var flags = ["port": "\(relay.port)"]
        if isTLS { flags["cafile"] = service.broker.certificateAuthority }
        let report = try await service.doctor(flags)
        #expect(report.wrong == ["reach"], "\(report.output)")
        #expect(report.exit == .code(1))
        #expect(report.words("reach").contains(isTLS ? "nobody answers" : "somebody hangs up"))
        #expect(report.line("reach").contains("port NUMBER"))
    }

    // MARK: - TLS

    /// A service with TLS whose broker has a certificate of its own making.
    ///
    /// - Parameter end: Until when it is good, as OpenSSL writes it.
    private static func service(
        names: String = "DNS:localhost,IP:127.0.0.1",
        end: String = "20990101000000Z"
    ) async throws -> Service {
        let service = try await Service.examined { $0.tls = true }
        let folder = service.broker.folder
        try folder.write("", to: "index.txt")
        try folder.write("01", to: "serial")
        let configuration = """
            [ca]
            default_ca = test
            [test]
            database = \(folder.file("index.txt"))
            serial = \(folder.file("serial"))
            new_certs_dir = \(folder.path)
            default_md = sha256
            policy = any
            x509_extensions = names
            [any]
            commonName = supplied
            [names]
            subjectAltName = \(names)
            """
        try folder.write(configuration, to: "ca.conf")
        try await Child.run(
            "openssl",
            [
                "req", "-new", "-key", folder.file("server.key"), "-subj", "/CN=broker", "-out",
                folder.file("request.pem"),
            ]
        )
        try await Child.run(
            "openssl",
            [
                "ca", "-batch", "-notext", "-config", folder.file("ca.conf"), "-in",
                folder.file("request.pem"), "-cert", folder.file("ca.pem"), "-keyfile",
                folder.file("ca.key"), "-startdate", "20200101000000Z", "-enddate", end, "-out",
                folder.file("server.pem"),
            ]
        )
        try await service.broker.restart()
        return service
    }

    private func flags(_ service: Service, host: String = "127.0.0.1") throws -> [String: String] {
        let port = try #require(service.broker.tlsPort)
        return [
            "host": host, "port": "\(port)", "cafile": service.broker.certificateAuthority,
        ]
    }

    @Test("A certificate that is good, and for the host, is all right")
    func goodCertificate() async throws {
        let service = try await Self.service()
        defer { service.end() }
        let report = try await service.doctor(try flags(service))
        #expect(report.wrong == [], "\(report.output)")
        #expect(report.words("certificate-dates").contains("more days"))
        #expect(report.words("certificate-name").contains("is for '127.0.0.1'"))
    }

    @Test("A certificate for another name is found, with the names that it is for")
    func otherName() async throws {
        let service = try await Self.service(names: "DNS:broker.example,DNS:*.mqtt.example")
        defer { service.end() }
        let report = try await service.doctor(try flags(service))
        #expect(report.wrong == ["certificate-name"], "\(report.output)")
        #expect(report.words("certificate-name").contains("broker.example, *.mqtt.example"))
        #expect(report.line("certificate-name") == "host broker.example")
        #expect(report.outcome("certificate-trust") == "sound")
        #expect(report.outcome("login") == "untold")
        let insecure = try await service.doctor(
            try flags(service).merging(["tls_insecure": "true"]) { $1 }
        )
        #expect(insecure.wrong == [], "\(insecure.output)")
        #expect(insecure.outcome("certificate-name") == "untold")
    }

    @Test("A certificate that is out of date is found, and that it has to be another one")
    func oldCertificate() async throws {
        let service = try await Self.service(end: "20200201000000Z")
        defer { service.end() }
        let report = try await service.doctor(try flags(service))
        #expect(report.wrong == ["certificate-dates"], "\(report.output)")
        #expect(report.words("certificate-dates").contains("out of date since"))
        #expect(report.line("certificate-dates").contains("certfile"))
        #expect(report.outcome("certificate-trust") == "untold")
    }

    @Test("An authority that has not signed the certificate is found")
    func otherAuthority() async throws {
        let service = try await Self.service()
        defer { service.end() }
        let stranger = try await Broker.start(BrokerOptions { $0.tls = true })
        defer { stranger.kill() }
        var flags = try flags(service)
        flags["cafile"] = stranger.certificateAuthority
        let report = try await service.doctor(flags)
        #expect(report.wrong == ["certificate-trust"], "\(report.output)")
        #expect(report.line("certificate-trust").contains("cafile"))
    }

    @Test("TLS at a port without it, and none at a port with it, are told apart")
    func mixedUp() async throws {
        let service = try await Self.service()
        defer { service.end() }
        var flags = try flags(service)
        flags["port"] = "\(service.broker.port)"
        let encrypted = try await service.doctor(flags)
        #expect(encrypted.wrong == ["tls"], "\(encrypted.output)")
        #expect(encrypted.words("tls").contains("speaks MQTT without TLS"))
        let port = try #require(service.broker.tlsPort)
        let plain = try await service.doctor(["port": "\(port)"])
        #expect(plain.wrong == ["tls"], "\(plain.output)")
        #expect(plain.words("tls").contains("speaks TLS, and cafile is not set"))
        #expect(plain.line("tls").contains("cafile"))
    }
}
