import BrokerFixture
import Foundation
import Mosquitto
import PresenceClient
import Testing

@Suite("A client in Swift that lacks a right")
struct RightsTests {
    private func options(_ broker: AnsweringBroker) -> ClientOptions {
        ClientOptions(host: "127.0.0.1", port: broker.port, username: "alice", device: "test")
    }

    @Test(
        "A subscription that the broker refuses is an error that names it",
        arguments: [
            "presence/response/alice/test/#", "presence/event/alice", "presence/bridge/+",
        ],
        [0x80, 0x87, 0x97] as [UInt8]
    )
    func refused(filter: String, code: UInt8) async throws {
        let broker = try AnsweringBroker { $0 == filter ? code : 1 }
        let client = try PresenceClient(options(broker))
        await #expect {
            try await client.connect()
        } throws: { error in
            guard case PresenceError.notSubscribed(let topic, let reason) = error else {
                return false
            }
            return topic == filter && reason.contains(String(code, radix: 16).uppercased())
        }
        await client.close()
    }

    @Test("MQTT 3.1.1 has one code for all refusals, which is heard as well")
    func olderVersion() async throws {
        let broker = try AnsweringBroker { $0 == "presence/event/alice" ? 0x80 : 1 }
        var options = options(broker)
        options.protocolVersion = .v311
        let client = try PresenceClient(options)
        await #expect {
            try await client.connect()
        } throws: { error in
            guard case PresenceError.notSubscribed("presence/event/alice", _) = error else {
                return false
            }
            return true
        }
        await client.close()
    }

    @Test("What a client can do without may be refused")
    func optional() async throws {
        let broker = try AnsweringBroker { $0 == "presence/status/alice" ? 0x87 : 0 }
        let client = try PresenceClient(options(broker))
        try await client.connect()
        #expect(await client.isConnected)
        await client.close()
    }

    @Test("A session that the broker has kept against the client's wish is nothing to wait for")
    func session() async throws {
        let broker = try AnsweringBroker(sessionPresent: true) { _ in 1 }
        let client = try PresenceClient(options(broker))
        if MosquittoLibrary.version.hasPrefix("2.0.") {
            try await client.connect()
            #expect(await client.isConnected)
        } else {
            // libmosquitto 2.1 takes such a broker for one that violates the protocol.
            await #expect {
                try await client.connect()
            } throws: { error in
                "\(error)".contains("violated the protocol")
            }
        }
        await client.close()
    }

    @Test("A broker that ends connections over what a client can do without keeps it in the end")
    func endsOverOptional() async throws {
        let broker = try AnsweringBroker { $0 == "presence/status/alice" ? nil : 1 }
        let client = try PresenceClient(options(broker))
        try await client.connect()
        // Two connections end over it, and the third one stands.
        try await eventually("a third connection") { broker.connections == 3 ? true : nil }
        try await eventually("it stands") { await client.isConnected ? true : nil }
        // The broker reads in order: had it been asked again, it would not confirm this.
        try await client.setStatus("busy")
        #expect(await client.isConnected)
        #expect(broker.connections == 3)
        await client.close()
    }

    @Test("The numbers of a bridge end when the broker refuses them")
    func metrics() async throws {
        let broker = try AnsweringBroker { $0.hasSuffix("metrics/#") ? 0x87 : 1 }
        let client = try PresenceClient(options(broker))
        let rounds = await client.metrics()
        try await client.connect()
        let count = try await limited("the end of the numbers") {
            await rounds.reduce(0) { count, _ in count + 1 }
        }
        #expect(count == 0)
        await client.close()
    }

    /// A service whose list lacks one line.
    private func service(without line: String) async throws -> Service {
        try await Service.start { options in
            let lines = options.acl?.components(separatedBy: "\n") ?? []
            options.acl = lines.filter { $0 != line }.joined(separator: "\n")
        }
    }

    @Test("Events that never arrive are noticed, and what they should have said comes by asking")
    func events() async throws {
        let service = try await service(without: "pattern read presence/event/%u")
        defer { service.end() }
        let alice = try await service.presence("alice")
        let updates = alice.updates()
        let statuses = alice.updates()
        try await alice.subscribe(to: ["bob"])
        let bob = try await service.presence("bob")
        try await statuses.status(of: "bob", is: "online")
        try await updates.first("a word about the events") {
            $0 == .missingEvents(topic: "presence/event/alice")
        }
        // With the right given, the next connection has its events.
        await bob.close()
        await alice.close()
    }

    @Test("Whoever hears events is never told that they are missing", .service())
    func healthy() async throws {
        let service = try Service.current
        let alice = try await service.presence("alice")
        let updates = alice.updates()
        try await alice.subscribe(to: ["bob"])
        let bob = try await service.presence("bob")
        try await updates.status(of: "bob", is: "online")
        try await bob.setStatus("busy")
        // Longer than the first look and its grace would take.
        try await Task.sleep(for: .seconds(9))
        await alice.close()
        for await update in updates {
            if case .missingEvents = update { Issue.record("\(update)") }
        }
        await bob.close()
    }

    @Test("A request whose answer may not be read names both rights")
    func responses() async throws {
        let service = try await service(without: "pattern read presence/response/%u/#")
        defer { service.end() }
        let run = try await service.run("alice", "get", "bob", "--timeout", "1s")
        #expect(run.exit == .code(4))
        #expect(run.errors.contains("write its requests and read its responses"), "\(run.errors)")
    }

    @Test("A watch in a pipe says that events do not arrive, and shows what it learns")
    func watch() async throws {
        let service = try await service(without: "pattern read presence/event/%u")
        defer { service.end() }
        let watch = try service.start("alice", "watch", "bob")
        try await watch.written("\tbob\toffline\t")
        let bob = try await service.device("bob", "phone", birth: "busy")
        try await watch.written("\tbob\tbusy\t")
        try await watch.line(with: "events do not arrive", "presence/event/alice")
        #expect(try await watch.terminate() == .code(0))
        keep(bob)
    }
}
