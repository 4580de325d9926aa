import BrokerFixture
import Foundation
import Testing

@testable import PresenceBridge

@Suite("The key of webhooks")
struct WebhookSecretTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String, mode: Int = 0o600) throws -> [UInt8] {
        let path = folder.file("secret")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return try WebhookSecret.read(path)
    }

    @Test("It is base64 behind whsec_, or the text itself")
    func forms() throws {
        #expect(try read("whsec_Z2VoZWlt\n") == Array("geheim".utf8))
        #expect(try read("whsec_Z2VoZWlt\r\n") == Array("geheim".utf8))
        #expect(try read("\u{FEFF}whsec_Z2VoZWlt") == Array("geheim".utf8))
        #expect(try read("any text\nand more") == Array("any text".utf8))
    }

    @Test(
        "What is neither is refused",
        arguments: [
            "", "whsec_", "whsec_Z2VoZWl", "whsec_no base64", " whsec_Z2VoZWlt", "WHSEC_Z2VoZWlt",
        ]
    )
    func wrong(_ text: String) {
        #expect(throws: PasswordFile.Failure.self) { try read(text) }
    }

    @Test("A file that others can read is refused, and one that is not there")
    func rights() {
        #expect(throws: PasswordFile.Failure.self) { try read("x", mode: 0o604) }
        #expect(throws: PasswordFile.Failure.self) { try WebhookSecret.read("/nowhere/x") }
    }
}
