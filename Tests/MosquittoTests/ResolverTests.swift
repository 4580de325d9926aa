import BrokerFixture
import Foundation
import Mosquitto
import Testing

@Suite("A resolver that hangs", .enabled(if: HangingResolver.isPossible))
struct ResolverTests {
    @Test("It holds up no call, and no other connection")
    func plain() async {
        await #expect(processExitsWith: .success) {
            let resolver = try HangingResolver()
            resolver.install()
            try Self.connectMany(tls: nil)
            withExtendedLifetime(resolver) {}
        }
    }

    @Test("It holds up no call with TLS, either")
    func encrypted() async {
        await #expect(processExitsWith: .success) {
            let resolver = try HangingResolver()
            resolver.install()
            try Self.connectMany(tls: TLSOptions())
            withExtendedLifetime(resolver) {}
        }
    }

    /// Begins more connections than there are threads to resolve with, and lets go of them.
    private static func connectMany(tls: TLSOptions?) throws {
        var options = ConnectionOptions(clientID: "a", host: HangingResolver.host)
        options.tls = tls
        let begun = ContinuousClock.now
        for _ in 0..<100 {
            let connection = try Connection(options)
            try connection.connect()
            connection.read()
            connection.write()
            connection.tick()
            try #require(!connection.isConnected && !connection.wantsWrite)
            try #require(connection.fileDescriptor != nil)
            try #require(connection.takeEvents() == [])
        }
        let left = try Connection(options)
        try left.connect()
        left.disconnect()
        try #require(left.takeEvents() == [.closed(.byUs)])
        try #require(left.fileDescriptor == nil)
        // An address needs no resolver, and is not behind those that wait for theirs.
        let reserved = try ReservedPort()
        options.host = "127.0.0.1"
        options.port = reserved.port
        let near = try Connection(options)
        try near.connect()
        while near.takeEvents().isEmpty, ContinuousClock.now - begun < .seconds(20) {
            near.read()
            near.write()
        }
        withExtendedLifetime(reserved) {}
        try #require(ContinuousClock.now - begun < .seconds(20))
    }
}
