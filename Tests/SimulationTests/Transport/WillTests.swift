import Mosquitto
import PresenceBridge
import Testing

@Suite("Wills over a transport")
struct TransportWillTests {
    private func device(
        on stage: any Stage,
        _ id: String,
        _ version: ProtocolVersion = .v5
    ) throws -> Peer {
        try Peer.connected(on: stage, id, version) { options in
            options.will = Message(topic: "will/\(id)", payload: "lost", qos: 1, retain: true)
            options.will?.properties.userProperties = [UserProperty("from", "the grave")]
        }
    }

    @Test(
        "A connection that is lost leaves its will, retained and live",
        arguments: BrokerKind.allCases
    )
    func loss(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let reader = try Peer.connected(on: stage, "reader")
        try reader.subscribe("will/+", qos: 1) { $0.retainAsPublished = true }
        for version in ProtocolVersion.allCases {
            try device(on: stage, "device", version).drop()
            let will = try reader.message()
            #expect(will.text == "lost")
            #expect(will.qos == 1)
            #expect(will.retain)
            #expect(will.properties.userProperties.count == (version == .v5 ? 1 : 0))
        }
        let late = try Peer.connected(on: stage, "late")
        try late.subscribe("will/device", qos: 0)
        #expect(try late.message().retain)
    }

    @Test("A DISCONNECT leaves none, unless it says so", arguments: BrokerKind.allCases)
    func disconnect(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let reader = try Peer.connected(on: stage, "reader")
        try reader.subscribe("will/+", qos: 1)
        for (id, version, reason) in [
            ("quiet", .v5, .success), ("old", .v311, .disconnectWithWill),
            ("loud", .v5, .disconnectWithWill),
        ] as [(String, ProtocolVersion, ReasonCode)] {
            let device = try device(on: stage, id, version)
            _ = try device.open().publish(Message(topic: "will/said", payload: id, qos: 1))
            try device.open().disconnect(reason: reason)
            #expect(try device.closure() == .byUs)
            #expect(try reader.message().text == id)
        }
        #expect(try reader.message().topic == "will/loud")
        #expect(try reader.drain() == [])
    }

    @Test(
        "A take-over ends the old connection without a word, and its will comes before the CONNACK",
        arguments: BrokerKind.allCases
    )
    func takeOver(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let reader = try Peer.connected(on: stage, "reader")
        try reader.subscribe("will/+", qos: 1)
        for version in ProtocolVersion.allCases {
            let id = "\(version)"
            let old = try device(on: stage, id, version)
            let new = try device(on: stage, id, version)
            try new.publish("will/\(id)", "online")
            #expect(try reader.messages(2).map(\.text) == ["lost", "online"])
            guard case .lost = try old.closure() else {
                Issue.record("the old connection was not lost")
                return
            }
            #expect(try new.open().isConnected)
        }
    }

    @Test(
        "A broker that is stopped sends every will; one that is killed, none",
        arguments: BrokerKind.allCases
    )
    func end(_ kind: BrokerKind) async throws {
        let stage = try kind.stage()
        func kept() throws -> [String] {
            let reader = try Peer.connected(on: stage, "")
            try reader.subscribe("will/+", qos: 0)
            return try reader.drain().map(\.topic).sorted()
        }
        let first = try device(on: stage, "killed")
        try await stage.kill()
        _ = try first.closure()
        try await stage.start()
        #expect(try kept() == [])
        let reader = try Peer.connected(on: stage, "reader")
        try reader.subscribe("will/+", qos: 1)
        let devices = try (0..<5).map { try device(on: stage, "\($0)") }
        try await stage.stop()
        for device in devices + [reader] {
            guard case .lost = try device.closure() else {
                Issue.record("not lost")
                return
            }
        }
        // Whoever still reads is told.
        let told = try reader.messages(5).map(\.topic).sorted()
        #expect(told == (0..<5).map { "will/\($0)" })
        try await stage.start()
        #expect(try kept() == told)
    }
}
