import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Being online from the command line", .service(users: ["erin"]))
struct SetTests {
    @Test(
        "It is online with word and description until a signal, and then logged out",
        arguments: [SIGTERM, SIGINT]
    )
    func logout(signal: Int32) async throws {
        let service = try Service.current
        let user = signal == SIGTERM ? "alice" : "bob"
        let child = try service.start(user, "set", "busy", "in a meeting", "--id", "desk")
        try await service.status(of: user) {
            $0["devices"]?["desk"]?.string == "busy" && $0["description"]?.string == "in a meeting"
        }
        try await child.line(with: "\(user) is busy with the device desk")
        child.send(signal)
        #expect(try await child.wait() == .code(0))
        let gone = try await service.status(of: user, is: "offline")
        #expect(gone["cause"]?.string == "logout")
        #expect(gone["description"]?.string?.isEmpty == true)
    }

    @Test("A description with a time of its own, or a newer one, stays after the logout")
    func description() async throws {
        let service = try Service.current
        let timed = try service.start("carol", "set", "away", "lunch", "--for", "1h")
        try await timed.line(with: "Ctrl-C logs out")
        #expect(try await timed.terminate() == .code(0))
        try await service.status(of: "carol") {
            $0["status"]?.string == "offline" && $0["description"]?.string == "lunch"
        }
        let other = try service.start("carol", "set", "away", "lunch")
        try await other.line(with: "Ctrl-C logs out")
        try await service.run("carol", "say", "back at 5")
        #expect(try await other.terminate() == .code(0))
        let gone = try await service.status(of: "carol", is: "offline")
        #expect(gone["description"]?.string == "back at 5")
    }

    @Test("The description goes with the logout: nobody sees the word without it", .service())
    func oneChange() async throws {
        let service = try Service.current
        let watcher = try await service.device("alice", "laptop")
        try await service.subscribe(watcher, to: "bob")
        let lines = try service.start("alice", "watch", "bob")
        try await lines.written("\tbob\toffline\t")
        let child = try service.start("bob", "set", "busy", "in a meeting")
        try await child.line(with: "Ctrl-C logs out")
        try await lines.written("\tbob\tbusy\tin a meeting")
        try await service.settle()
        _ = try await service.messages(of: watcher)
        #expect(try await child.terminate() == .code(0))
        try await service.status(of: "bob") {
            $0["online"] == .bool(false) && $0["description"]?.string?.isEmpty == true
        }
        try await service.settle()
        let events = try await service.messages(of: watcher)
            .filter { $0.topic == "presence/event/alice" }.flatMap { try $0.json.array ?? [] }
        #expect(!events.isEmpty)
        #expect(!events.contains { $0["online"] == .bool(true) }, "\(events)")
        // What waits to be told is told at the end.
        #expect(try await lines.terminate() == .code(0))
        let last = lines.lines.last?.split(separator: "\t").dropFirst() ?? []
        #expect(last == ["bob", "offline"], "\(lines.output)")
    }

    @Test("Without a bridge one sentence says so, and another one when it comes", .service())
    func noBridge() async throws {
        let service = try Service.current
        try await service.stopBridge()
        let child = try service.start("bob", "set", "busy", "in a meeting", "--id", "desk")
        try await child.line(
            with: "no bridge is there: bob will be busy with the device desk when one comes"
        )
        #expect(child.errors.split(separator: "\n").count == 1, "\(child.errors)")
        try await service.startBridge()
        try await child.line(with: "a bridge is there")
        try await service.status(of: "bob") {
            $0["status"]?.string == "busy" && $0["description"]?.string == "in a meeting"
        }
        #expect(try await child.terminate() == .code(0))
        // Where none comes there is nothing to take back, and the end comes at once.
        try await service.stopBridge()
        let second = try service.start("bob", "set", "busy", "in a meeting", "--id", "desk")
        try await second.line(with: "no bridge is there: bob will")
        #expect(try await second.terminate() == .code(0))
        #expect(second.errors.split(separator: "\n").count == 1, "\(second.errors)")
    }

    @Test("Without a bridge and a description the word is stated once, by the birth", .service())
    func statedOnce() async throws {
        let service = try Service.current
        try await service.stopBridge()
        let topic = "presence/device/bob/desk"
        let monitor = try await service.monitor(topic)
        let child = try service.start("bob", "set", "busy", "--id", "desk")
        try await child.line(with: "no bridge is there: bob will be busy")
        #expect(try await child.terminate() == .code(0))
        var words: [String] = []
        while words.last != "offline" {
            words.append(try await monitor.expect(topic).json["status"]?.string ?? "")
        }
        #expect(words == ["busy", "offline"])
    }

    @Test("When it is killed, it is lost")
    func killed() async throws {
        let service = try Service.current
        let child = try service.start("dave", "set", "coffee")
        try await service.status(of: "dave", is: "coffee")
        child.kill()
        let gone = try await service.status(of: "dave", is: "offline")
        #expect(gone["cause"]?.string == "lost")
    }

    @Test("It outlives the terminal that it was started in when that was asked for")
    func nohup() async throws {
        let service = try Service.current
        let child = try Child(
            "nohup",
            [Service.command, "set", "tea", "--id", "hangup"],
            environment: service.environment("erin")
        )
        try await child.line(with: "erin is tea")
        child.send(SIGHUP)
        try await service.settle()
        #expect(child.exit == nil)
        #expect(try await child.terminate() == .code(0))
        let second = try service.start("erin", "set", "tea", "--id", "hangup")
        try await second.line(with: "erin is tea")
        second.send(SIGHUP)
        #expect(try await second.wait() == .code(0))
    }

    @Test("A bridge that does not take the device ends it with 1", .service(["max_devices": "1"]))
    func tooMany() async throws {
        let service = try Service.current
        let phone = try await service.device("alice", "phone")
        try await service.status(of: "alice", is: "online")
        let second = try await service.run("alice", "set", "busy", "--id", "desk")
        #expect(second.exit == .code(1))
        #expect(second.errors.hasSuffix("(too_many_devices)\n"), "\(second.errors)")
        keep(phone)
    }

    @Test("It stays online over restarts of bridge and broker, and says what it sees", .service())
    func restarts() async throws {
        let service = try Service.current
        let child = try service.start("alice", "set", "busy", "--id", "desk")
        try await service.status(of: "alice", is: "busy")
        try await service.killBridge()
        try await child.line(with: "the bridge is away")
        try await service.startBridge()
        try await child.line(with: "the bridge is back")
        try await service.broker.restart(killing: true)
        try await child.line(with: "connected again")
        try await service.status(of: "alice", is: "busy")
        #expect(try await child.terminate() == .code(0))
        try await service.status(of: "alice", is: "offline")
    }
}
