import Mosquitto
import PresenceBridge
import Simulation
import Testing

@Suite("A session that outlives its connection, over a transport")
struct KeptSessionTests {
    @Test(
        "What was not acknowledged comes by the next connection, and not by one that starts clean",
        arguments: BrokerKind.allCases
    )
    func unacknowledged(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let sender = try Peer.connected(on: stage, "sender")
        for number in 0..<30 { try sender.publish("a/\(number)", "x", retain: true) }
        func connect(cleanStart: Bool) throws -> (Peer, isPresent: Bool) {
            let peer = try Peer(on: stage, "reader") {
                $0.cleanStart = cleanStart
                $0.sessionExpiry = 60
            }
            return (peer, try peer.acknowledgement().sessionPresent)
        }
        let (deaf, wasPresent) = try connect(cleanStart: true)
        #expect(!wasPresent)
        deaf.isReading = false
        let options = SubscriptionOptions(qos: 1)
        _ = try deaf.open().subscribe(["a/+"], options: options, identifier: nil)
        _ = try deaf.open().unsubscribe(["a/+"])
        // Nothing tells that the broker has taken what the deaf one sent: that takes less than these.
        for _ in 0..<10 { try sender.publish("end", "") }
        deaf.drop()

        let (next, isPresent) = try connect(cleanStart: false)
        #expect(isPresent)
        #expect(try Set(next.drain().map(\.topic)).count == 30)
        try next.open().disconnect(reason: .success)
        _ = try next.closure()

        let (last, isStillPresent) = try connect(cleanStart: false)
        #expect(isStillPresent)
        #expect(try last.drain() == [])
        let (_, isPresentAtLast) = try connect(cleanStart: true)
        #expect(!isPresentAtLast)
    }

    @Test("Without an expiry no session is kept", arguments: BrokerKind.allCases)
    func none(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let first = try Peer.connected(on: stage, "reader")
        try first.subscribe("a", qos: 1)
        try first.open().disconnect(reason: .success)
        _ = try first.closure()
        let next = try Peer(on: stage, "reader") { $0.cleanStart = false }
        #expect(try !next.acknowledgement().sessionPresent)
    }
}
