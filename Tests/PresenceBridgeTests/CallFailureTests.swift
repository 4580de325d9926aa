import Mosquitto
import Testing

@testable import PresenceBridge

@Suite("Why a call came to nothing")
struct CallFailureTests {
    /// How the broker is reached.
    enum Way {
        case plain
        case socket
        case secure
        /// With any name in the certificate.
        case insecure
    }

    private func failure(_ way: Way, _ arguments: [String] = []) throws -> CallFailure {
        let host = way == .socket ? "/run/mosquitto.sock" : "broker.example"
        let origin = Configuration.Origin(arguments: ["--host", host] + arguments)
        var broker = try Configuration.load(origin).settings.broker
        if way == .secure || way == .insecure {
            broker.port = 8883
            broker.tls.cafile = "ca.pem"
            broker.tls.insecure = way == .insecure
        }
        return CallFailure(broker: broker)
    }

    @Test(
        "It says what was seen, and where to look",
        arguments: [
            (.plain, .lost("x"), ["x", "if port 1883 speaks TLS, cafile is missing"]),
            (.socket, .lost("x"), ["x"]),
            (.plain, .protocolViolation("x"), ["x", "does port 1883 speak MQTT?"]),
            (.plain, .unreachable("Connection refused"), ["Connection refused"]),
            (.plain, .hostNotFound("x"), ["x"]),
            (.secure, .lost("x"), ["TLS failed", "does port 8883 speak TLS?"]),
            (.secure, .tls("wrong version number"), ["TLS failed", "does port 8883 speak TLS?"]),
            (.secure, .tls("host name verification failed"), ["not for 'broker.example'"]),
            (
                .secure, .tls("certificate verify failed"),
                ["not signed by an authority in 'ca.pem'", "not for 'broker.example'"]
            ),
            (
                .insecure, .tls("certificate verify failed"),
                ["not signed by an authority in 'ca.pem', or is out of date"]
            ),
            (.secure, .tls("something else"), ["TLS failed: something else"]),
        ] as [(Way, Closure, [String])]
    )
    func closures(_ way: Way, _ closure: Closure, _ parts: [String]) throws {
        let words = try failure(way).words(closure)
        for part in parts { #expect(words.contains(part)) }
        #expect(words.contains("cafile") == parts.contains { $0.contains("cafile") })
    }

    @Test(
        "A refusal is told with what may be done about it",
        arguments: [
            ([], .badCredentials, "neither username nor password is set"),
            (["--username", "bob", "--password", "x"], .notAuthorized, "of user bob"),
            ([], .unsupportedProtocolVersion, nil),
            (["--mqtt_version", "5"], .unsupportedProtocolVersion, "allows no other"),
            (["--mqtt_version", "3.1.1"], .unsupportedProtocolVersion, "allows no other"),
        ] as [([String], ConnectionRefusal, String?)]
    )
    func refusals(_ arguments: [String], _ refusal: ConnectionRefusal, _ part: String?) throws {
        let words = try failure(.plain, arguments).words(refusal)
        #expect(words.hasPrefix("\(refusal)"))
        if let part { #expect(words.contains(part)) } else { #expect(words == "\(refusal)") }
    }

    @Test(
        "Nobody is there where nobody listens, or where what is there hangs up",
        arguments: [
            (.unreachable("x"), true), (.lost("x"), true), (.byUs, false),
            (.byServer(.serverShuttingDown), false), (.keepAliveTimeout, false),
            (.hostNotFound("x"), false), (.tls("x"), false), (.protocolViolation("x"), false),
        ] as [(Closure, Bool)]
    )
    func absence(_ closure: Closure, _ isAbsence: Bool) {
        #expect(closure.isAbsence == isAbsence)
    }
}
