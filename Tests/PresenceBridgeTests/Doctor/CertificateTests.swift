import BrokerFixture
import Chance
import Foundation
import Testing

@testable import PresenceBridge

@Suite("Certificates")
struct CertificateTests {
    private func make(_ arguments: [String]) async throws -> [Certificate] {
        let folder = try TemporaryFolder()
        try await Child.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout", folder.file("key"), "-out", folder.file("certificate"),
            ] + arguments
        )
        return Certificate.all(inFile: folder.file("certificate"))
    }

    @Test("Names, addresses and dates are those that OpenSSL has written")
    func read() async throws {
        let names =
            "DNS:broker.example,DNS:*.mqtt.example,IP:192.0.2.7,IP:2001:db8::1,IP:::1,email:a@b.example"
        let certificate = try #require(
            try await make([
                "-subj", "/O=Example/CN=ignored", "-days", "30", "-addext",
                "subjectAltName=\(names)",
            ]).first
        )
        #expect(
            certificate.names == [
                "broker.example", "*.mqtt.example", "192.0.2.7", "2001:db8::1", "::1",
            ]
        )
        let now = Int64(Date.now.timeIntervalSince1970)
        #expect(abs(certificate.begin - now) < 3_600)
        #expect(abs(certificate.end - now - 30 * 86_400) < 3_600)
        for (host, isFor) in [
            ("broker.example", true), ("BROKER.example", true), ("a.mqtt.example", true),
            ("a.b.mqtt.example", false), ("mqtt.example", false), ("192.0.2.7", true),
            ("192.0.2.8", false), ("2001:db8::1", true), ("::1", true), ("ignored", false),
        ] {
            #expect(certificate.isFor(host) == isFor, "\(host)")
        }
    }

    @Test(
        "Without other names the common name counts, and years past 2050 are written in another way"
    )
    func oldForm() async throws {
        let certificate = try #require(
            try await make(["-subj", "/CN=localhost", "-days", "20000"]).first
        )
        #expect(certificate.names == ["localhost"])
        let now = Int64(Date.now.timeIntervalSince1970)
        #expect(abs(certificate.end - now - 20_000 * 86_400) < 3_600)
    }

    @Test("Bytes that are no certificate are none, whatever they are")
    func garbage() throws {
        var random = SeededNumbers(seed: 7)
        let start: [UInt8] = [0x30, 0x82, 0x01, 0x00, 0x30, 0x81, 0xF0, 0xA0, 0x03, 2, 1, 2]
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...80, using: &random)
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Certificate(bytes) == nil)
            #expect(Certificate(start + bytes) == nil)
        }
        for bytes in [[], [0x30], [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x30, 0x80]] as [[UInt8]] {
            #expect(Certificate(bytes) == nil)
        }
    }
}
