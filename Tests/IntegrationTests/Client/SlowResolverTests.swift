import BrokerFixture
import Foundation
import Testing

@testable import PresenceClient

@Suite("A client and a bridge while the resolver hangs", .enabled(if: HangingResolver.isPossible))
struct SlowResolverTests {
    @Test("A client gives up in time, and is closed at once")
    func client() async {
        await #expect(processExitsWith: .success) {
            let resolver = try HangingResolver()
            resolver.install()
            var options = ClientOptions(
                host: HangingResolver.host,
                username: "alice",
                device: "test"
            )
            options.connectTimeout = .milliseconds(300)
            let hasty = try PresenceClient(options)
            let words =
                "the name \(options.host) was not resolved within \(options.connectTimeout)"
            await #expect(throws: PresenceError.cannotConnect(words)) { try await hasty.connect() }
            options.connectTimeout = .seconds(600)
            let patient = try PresenceClient(options)
            let waiting = Task { try await patient.connect() }
            try await eventually("it connects") { await patient.isConnecting ? true : nil }
            let begun = ContinuousClock.now
            await patient.close()
            await #expect(throws: PresenceError.notConnected) { try await waiting.value }
            #expect(ContinuousClock.now - begun < .seconds(5))
            withExtendedLifetime(resolver) {}
        }
    }

    @Test(
        "The bridge ends when it is told to, and says what it waited for",
        arguments: [false, true]
    )
    func bridge(_ isEncrypted: Bool) async throws {
        let service = try await Service.start(startsBridge: false, broker: { $0.tls = isEncrypted })
        defer { service.end() }
        let resolver = try HangingResolver()
        var flags = ["host": HangingResolver.host]
        if isEncrypted { flags["cafile"] = service.broker.certificateAuthority }
        for waitsLong in [false, true] {
            let child = try service.launch(flags, environment: resolver.environment)
            defer { child.kill() }
            try await eventually("it has opened its store", log: child.errors) {
                FileManager.default.fileExists(atPath: service.storePath) ? true : nil
            }
            if waitsLong {
                try await child.line(with: HangingResolver.host, "the resolver did not answer")
            }
            let begun = ContinuousClock.now
            #expect(try await child.terminate() == .code(0))
            #expect(ContinuousClock.now - begun < .seconds(5))
        }
    }
}
