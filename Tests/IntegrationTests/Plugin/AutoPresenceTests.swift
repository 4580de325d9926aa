import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Presence of clients that know nothing of it")
struct AutoPresenceTests {
    @Test("A plain mosquitto_sub is online, and offline after kill -9, as status and as event")
    func killed() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        let watcher = try await service.device("alice", "laptop")
        try await service.subscribe(watcher, to: "bob")
        let bob = try service.plainClient("bob", id: "sub-1")
        let online = try await watcher.events().about("bob")
        #expect(online.first?["devices"]?["sub-1"]?.string == "online")
        try await service.status(of: "bob", is: "online")
        bob.send(SIGKILL)
        let offline = try await watcher.events().about("bob")
        #expect(offline.first?["online"] == .bool(false))
        #expect(offline.first?["cause"]?.string == "lost")
        try await service.status(of: "bob", is: "offline")
    }

    @Test("Looking makes nobody seen: a watch and a question on the command line are no devices")
    func looking() async throws {
        let service = try await Service.automatic(["settling_time": "200"])
        defer { service.end() }
        let monitor = try await service.monitor("presence/device/+/+")
        let watch = try service.start("alice", "watch", "bob")
        try await watch.written("\tbob\toffline\t")
        let bob = try service.plainClient("bob", id: "sub-1")
        try await watch.written("\tbob\tonline\t")
        try await service.settle()
        #expect(try await service.run("carol", "online").lines.contains("bob"))
        let seen = Set(monitor.takeMessages().map(\.topic))
        #expect(seen.contains("presence/device/bob/sub-1"))
        #expect(!seen.contains { $0.contains("/alice/") || $0.contains("/carol/") }, "\(seen)")
        #expect(try await watch.terminate() == .code(0))
        bob.kill()
    }

    @Test("A client that disconnects properly is offline, too")
    func disconnected() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        let bob = try service.plainClient("bob", id: "sub-1")
        try await service.status(of: "bob", is: "online")
        try await bob.terminate()
        let status = try await service.status(of: "bob", is: "offline")
        // mosquitto 2.0 does not say why a connection has ended.
        let tells = BrokerProgram.version >= BrokerProgram.Version(2, 1)
        #expect(status["cause"]?.string == (tells ? "logout" : "lost"))
    }

    @Test("A session that waits for its client is nobody's presence, and keeps no client id")
    func waitingSession() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        for version in ["mqttv311", "mqttv5"] {
            let more =
                ["-c", "-q", "1", "-V", version] + (version == "mqttv5" ? ["-x", "60"] : [])
            let carol = try service.plainClient("carol", id: "shared-id", more)
            try await service.status(of: "carol", is: "online")
            carol.kill()
            let status = try await service.status(of: "carol", is: "offline")
            #expect(status["cause"]?.string == "lost")
            let bob = try service.plainClient("bob", id: "shared-id")
            try await service.status(of: "bob", is: "online")
            try await bob.terminate()
            try await service.status(of: "bob", is: "offline")
        }
    }

    @Test("A client that states a plain client's device, and ends, does not take that offline")
    func trespass() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        let plain = try service.plainClient("bob", id: "sub-1")
        try await service.status(of: "bob", is: "online")
        let monitor = try await service.monitor("presence/device/bob/sub-1")
        let statuses = try await service.monitor("presence/status/dave", "presence/status/bob")
        let other = try await service.device("bob", "sub-1", birth: "busy", id: "bob/sub-1/other")
        _ = try await monitor.expect("presence/device/bob/sub-1") { $0.text == "busy" }
        try await other.state("offline")
        _ = try await monitor.expect("presence/device/bob/sub-1") { $0.text.contains("online") }
        try await other.state("busy")
        await other.dropConnection()
        _ = try await monitor.expect("presence/device/bob/sub-1") { $0.text == "lost" }
        _ = try await monitor.expect("presence/device/bob/sub-1") { $0.text.contains("online") }
        try await service.settle(statuses)
        #expect(
            statuses.takeMessages().allSatisfy {
                !$0.text.contains(#""online":false"#) || !$0.topic.hasSuffix("bob")
            }
        )
        try await service.status(of: "bob", is: "online")
        plain.kill()
        try await service.status(of: "bob", is: "offline")
    }

    @Test("A take-over is not noticed by anyone")
    func takeOver() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        let monitor = try await service.monitor("presence/status/bob", "presence/device/bob/+")
        let first = try await TestClient.connect(
            to: service.broker,
            id: "x",
            username: "bob",
            password: "bob"
        )
        _ = try await monitor.status(of: "bob")
        let second = try await TestClient.connect(
            to: service.broker,
            id: "x",
            username: "bob",
            password: "bob"
        )
        _ = try await first.closure()
        try await service.settle()
        let seen = monitor.takeMessages().map { "\($0.topic) \($0.text)" }
        #expect(seen.allSatisfy { $0.contains("device") && $0.contains("online") }, "\(seen)")
        await second.dropConnection()
        _ = try await monitor.status(of: "bob") { $0["online"] == .bool(false) }
    }

    @Test("A refused login is not online, also by the client id of somebody who is")
    func refused() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        let bob = try service.plainClient("bob", id: "x")
        try await service.status(of: "bob", is: "online")
        let monitor = try await service.monitor("presence/device/+/+")
        for (user, password, id) in [
            ("carol", "wrong", "y"), ("bob", "wrong", "x"), ("zed", "zed", "z"),
        ] {
            await #expect(throws: FixtureError.self) {
                try await TestClient.connect(
                    to: service.broker,
                    id: id,
                    username: user,
                    password: password
                )
            }
        }
        try await service.settle()
        let topics = Set(monitor.takeMessages().map(\.topic)).filter { !$0.contains("/dave/") }
        #expect(topics == ["presence/device/bob/x"])
        try await service.status(of: "bob", is: "online")
        bob.kill()
    }

    @Test("Bridge and monitor are no devices")
    func leftOut() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        let monitor = try await service.monitor("presence/device/#")
        try await service.settle()
        let users = Set(monitor.takeMessages().map { $0.topic.split(separator: "/")[2] })
        #expect(users == ["dave"])
    }

    @Test("A client with a birth and a will of its own speaks for itself")
    func ownWord() async throws {
        let service = try await Service.automatic(users: ["erin"])
        defer { service.end() }
        let monitor = try await service.monitor("presence/device/erin/#", "presence/status/erin")
        let phone = try await service.device("erin", "phone", birth: "busy")
        _ = try await monitor.status(of: "erin") { $0["status"]?.string == "busy" }
        // Longer than the plugin waits for a client's own word.
        try await Task.sleep(for: .milliseconds(600))
        await phone.dropConnection()
        _ = try await monitor.status(of: "erin") { $0["online"] == .bool(false) }
        let topics = Set(monitor.takeMessages().map(\.topic))
        #expect(topics.isSubset(of: ["presence/device/erin/phone", "presence/status/erin"]))
    }

    @Test("A client that finds its words late is then the device that it says")
    func lateWord() async throws {
        let service = try await Service.automatic(users: ["erin"])
        defer { service.end() }
        let phone = try await service.client("erin", "phone")
        try await service.status(of: "erin") { $0["devices"]?.object?.count == 1 }
        try await phone.state("busy")
        let status = try await service.status(of: "erin") {
            $0["devices"]?.object?.count == 1 && $0["status"]?.string == "busy"
        }
        #expect(status["devices"]?["phone"]?.string == "busy")
    }

    @Test("A thousand come and go at once, and the statuses are right")
    func crowd() async throws {
        let users = (0..<10).map { "user-\($0)" }
        let service = try await Service.automatic(
            ["device_name": "hash"],
            flags: ["max_devices": "100", "device_rate": "100000", "device_burst": "100000"],
            users: users
        ) { $0.extra += "\nmax_queued_messages 100000" }
        defer { service.end() }
        let sockets = try (0..<1_000).map { index in
            try PlainSocket(service.broker.port, user: users[index % 10], id: "client-\(index)")
        }
        for user in users { try await devices(of: user, are: 100, service) }
        for socket in sockets[500...] { socket.close() }
        for user in users { try await devices(of: user, are: 50, service) }
        for socket in sockets[..<500] { socket.close() }
        for user in users { try await devices(of: user, are: 0, service) }
    }

    private func devices(of user: String, are count: Int, _ service: Service) async throws {
        try await eventually("\(count) devices of \(user)", within: .seconds(40)) { () -> Bool? in
            let text = try await service.text(on: "presence/status/\(user)")
            let devices = try text.flatMap { try JSONValue.text($0)["devices"]?.object }
            return devices?.count == count ? true : nil
        }
    }

    @Test("A hashed name says nothing of the client id, and is the same the next time")
    func hashed() async throws {
        let service = try await Service.automatic(["device_name": "hash"])
        defer { service.end() }
        let monitor = try await service.monitor("presence/device/bob/+")
        var topics: Set<String> = []
        for _ in 0..<2 {
            let bob = try service.plainClient("bob", id: "abc")
            topics.insert(
                try await monitor.expect("presence/device/bob/+") { $0.text.contains("online") }
                    .topic
            )
            bob.kill()
            _ = try await monitor.expect("presence/device/bob/+") { $0.text.contains("lost") }
        }
        #expect(topics == ["presence/device/bob/ba7816bf8f01cfea"])
    }

    @Test("A reload of the broker's configuration changes nothing, and adds no ghost")
    func reload() async throws {
        let service = try await Service.automatic()
        defer { service.end() }
        let bob = try service.plainClient("bob", id: "x")
        // A session that outlives its connection.
        let carol = try service.plainClient("carol", id: "y", "-c", "-q", "1")
        try await service.status(of: "bob", is: "online")
        try await service.status(of: "carol", is: "online")
        carol.kill()
        try await service.status(of: "carol", is: "offline")
        for _ in 0..<3 { service.broker.reload() }
        try await eventually("the broker reads its configuration", log: service.broker.log) {
            service.broker.log.contains("Reloading config") ? true : nil
        }
        try await Task.sleep(for: .milliseconds(600))
        try await service.settle()
        try await service.status(of: "bob", is: "online")
        try await service.status(of: "carol", is: "offline")
        bob.kill()
        try await service.status(of: "bob", is: "offline")
    }
}
