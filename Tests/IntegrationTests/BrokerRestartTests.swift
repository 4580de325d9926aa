import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// How the broker restarts, and who is back first.
struct BrokerRestart: CustomTestStringConvertible, Sendable {
    /// Whether it is killed; else it is stopped properly, and sends every will.
    let isKilled: Bool
    /// Whether it finds its retained messages again.
    let isPersistent: Bool
    /// Whether the bridge is killed before, and started after.
    let isWithBridge: Bool
    /// Whether the devices are back before the bridge.
    let isDeviceFirst: Bool

    static let all: [BrokerRestart] = [true, false].flatMap { isKilled in
        [true, false].flatMap { isPersistent in
            [true, false].flatMap { isWithBridge in
                [true, false].map { isDeviceFirst in
                    BrokerRestart(
                        isKilled: isKilled,
                        isPersistent: isPersistent,
                        isWithBridge: isWithBridge,
                        isDeviceFirst: isDeviceFirst
                    )
                }
            }
        }
    }

    var testDescription: String {
        """
        \(isKilled ? "killed" : "stopped") \(isPersistent ? "with" : "without") persistence, \
        \(isWithBridge ? "with" : "without") the bridge, \
        \(isDeviceFirst ? "devices" : "bridge") first
        """
    }
}

@Suite("A restart of the broker")
struct BrokerRestartTests {
    @Test(
        "Whoever comes back was never away, and whoever does not went by the restart",
        arguments: BrokerRestart.all
    )
    func restart(_ restart: BrokerRestart) async throws {
        // The long grace of a restart is to hold, and not the short one of a loss: no device that
        // comes back could make it in 0.3 s on a busy machine.
        let service = try await Service.start(["offline_grace": "2s"]) {
            $0.persistence = restart.isPersistent
        }
        defer { service.end() }
        let watcher = try await service.client("alice")
        try await service.subscribe(watcher, to: "bob", "carol", "dave")
        let old = try await [
            service.device("bob", "phone", birth: "away"), service.device("carol", "phone"),
            service.device("dave", "phone"),
        ]
        try await old[2].state("offline")
        let bob = try await service.status(of: "bob", is: "away")
        let carol = try await service.status(of: "carol", is: "online")
        let dave = try await service.status(of: "dave") { $0["cause"]?.string == "logout" }
        _ = try await watcher.events(upTo: "dave", word: "offline")
        let state = try await service.bridgeState { $0["epoch"] != nil }
        let epoch = try #require(state["epoch"]?.integer)
        // Past the tolerance with which a start of the broker is recognized: by a bridge that was
        // away from what is retained, which may be old, by one that was not from what goes back.
        try await service.brokerHasRun(restart.isWithBridge ? 17 : 6)
        if restart.isPersistent { try await service.broker.save() }

        // Nothing is to be told before alice listens again.
        if restart.isWithBridge {
            try await service.killBridge()
        } else {
            service.bridgeProcess?.send(SIGSTOP)
        }
        try await service.broker.restart(killing: restart.isKilled)
        keep(watcher, old[0], old[1])
        let alice = try await service.returning("alice", "test", birth: nil)
        var phone: TestClient?
        if restart.isDeviceFirst {
            phone = try await service.returning("bob", birth: "away")
        }
        if restart.isWithBridge {
            try await service.startBridge()
        } else {
            service.bridgeProcess?.send(SIGCONT)
        }
        try await service.bridgeState { $0["epoch"]?.integer == epoch + 1 }
        if let phone {
            // What it stated before the bridge was there may be an older copy, so it is asked.
            let ask = try await phone.expect("presence/response/bob/phone")
            #expect(ask.text == #"{"operation":"announce"}"#)
            try await phone.state("away")
        } else {
            phone = try await service.returning("bob", birth: "away")
        }

        let gone = try await service.status(of: "carol") { $0["online"]?.bool == false }
        #expect(gone["cause"]?.string == "restart")
        // It was last heard of when it stated something; stopped, the broker sent its will.
        let (last, birth) = (try #require(gone["since"]?.integer), carol["since"]?.integer)
        #expect(restart.isKilled ? last == birth : last >= birth ?? .max)
        let verdict = try await service.retained("presence/device/carol/phone")
        #expect(verdict["status"]?.string == "lost")
        #expect(verdict["cause"]?.string == "restart")
        #expect(verdict["by"]?.string == "presence-bridge")
        #expect(try await service.status(of: "bob") == bob)
        #expect(try await service.status(of: "dave") == dave)
        try await #require(phone).state("busy")
        let events = try await alice.events(upTo: "bob", word: "busy")
        #expect(events.about("carol").map { $0["cause"]?.string } == ["restart"])
        #expect(events.about("bob").map { $0["status"]?.string } == ["busy"])
        #expect(events.about("dave") == [])
        let final = try await service.bridgeState { $0["state"]?.string == "online" }
        #expect(final["epoch"]?.integer == epoch + 1)
    }

    @Test("At half of the grace a silent device is asked to announce itself, and no other one")
    func announce() async throws {
        let service = try await Service.start(["offline_grace": "2s"])
        defer { service.end() }
        let names = ["bob", "carol", "dave"]
        var devices: [TestClient] = []
        for name in names { devices.append(try await service.device(name, "phone")) }
        var before: [JSONValue] = []
        for name in names { before.append(try await service.status(of: name, is: "online")) }
        try await service.brokerHasRun(6)
        try await service.broker.restart(killing: true)
        keep(devices[0], devices[1], devices[2])
        let silent = try await service.returning("bob", birth: nil)
        let prompt = try await service.returning("dave", birth: nil)
        let isRestarted: @Sendable (Message) -> Bool = { $0.text.contains(#""epoch":2"#) }
        _ = try await prompt.expect("presence/bridge/+", where: isRestarted)
        try await prompt.state("online")
        let ask = try await silent.expect("presence/response/bob/phone")
        #expect(ask.text == #"{"operation":"announce"}"#)
        try await silent.state("online")
        // Carol's end is that of the grace.
        try await service.status(of: "carol") { $0["cause"]?.string == "restart" }
        #expect(try await service.status(of: "bob") == before[0])
        #expect(try await service.status(of: "dave") == before[2])
        #expect(prompt.takeMessages().filter { $0.topic.contains("/response/") } == [])
        #expect(silent.takeMessages().filter { $0.topic.contains("/response/") } == [])
    }

    @Test("An older copy of its retained messages is put right")
    func olderCopy() async throws {
        let service = try await Service.start(["offline_grace": "2s"]) { $0.persistence = true }
        defer { service.end() }
        let watcher = try await service.client("alice")
        try await service.subscribe(watcher, to: "bob", "carol", "dave")
        let phone = try await service.device("bob", "phone")
        let logout = try await service.device("dave", "phone")
        try await service.status(of: "bob", is: "online")
        try await service.status(of: "dave", is: "online")
        try await service.brokerHasRun(6)
        try await service.broker.save()
        // What the copy does not know: a change, a logout, a device, a description.
        try await phone.state("away")
        let tablet = try await service.device("carol", "tablet")
        _ = try await service.request(tablet, "publish", #"{"description":"new"}"#)
        try await logout.state("offline")
        let bob = try await service.status(of: "bob", is: "away")
        let carol = try await service.status(of: "carol") {
            $0["online"]?.bool == true && $0["description"]?.string == "new"
        }
        let dave = try await service.status(of: "dave") { $0["cause"]?.string == "logout" }
        // What was to be told before is told; carol and bob were before dave.
        _ = try await watcher.events(upTo: "dave", word: "offline")

        service.bridgeProcess?.send(SIGSTOP)
        try await service.broker.restart(killing: true)
        keep(watcher, phone, logout, tablet)
        // The copy is as old as it should be.
        let copy = try #require(try await service.text(on: "presence/status/dave"))
        #expect(copy.contains(#""online":true"#))
        let alice = try await service.returning("alice", "test", birth: nil)
        service.bridgeProcess?.send(SIGCONT)
        try await service.bridgeState { $0["epoch"]?.integer == 2 }
        for (user, status) in [("bob", bob), ("carol", carol), ("dave", dave)] {
            let found = try await service.status(of: user) { $0["seq"] == status["seq"] }
            #expect(found == status)
        }
        let back = try await service.returning("bob", birth: "away")
        let returned = try await service.returning("carol", "tablet")
        // Only bob and carol are back: at the end of the grace the topic of dave says so, too.
        try await service.retained("presence/device/dave/phone") { _ in true }
        let topic = try await service.monitor("presence/device/dave/phone")
        _ = try await topic.expect { $0.text.contains("offline") }
        #expect(try await service.status(of: "dave") == dave)
        try await back.state("busy")
        try await returned.state("busy")
        var events = try await alice.events(upTo: "bob", word: "busy")
        if events.about("carol").isEmpty {
            events += try await alice.events(upTo: "carol", word: "busy")
        }
        #expect(events.about("bob").map { $0["status"]?.string } == ["busy"])
        #expect(events.about("carol").map { $0["status"]?.string } == ["busy"])
        #expect(events.about("dave") == [])
    }

    @Test("A device that was lost just before has the long grace as well")
    func lostBefore() async throws {
        let service = try await Service.start([
            "offline_grace": "2s", "broker_restart_grace": "7s",
        ])
        defer { service.end() }
        let watcher = try await service.client("alice")
        try await service.subscribe(watcher, to: "bob")
        let phone = try await service.device("bob", "phone")
        let before = try await service.status(of: "bob", is: "online")
        try await service.brokerHasRun(6)
        let devices = try await service.monitor("presence/device/bob/phone")
        await phone.dropConnection()
        _ = try await devices.expect { $0.text == "lost" }
        let lost = ContinuousClock.now
        try await service.broker.restart(killing: true)
        keep(watcher, devices)
        let alice = try await service.returning("alice", "test", birth: nil)
        try await service.bridgeState { $0["epoch"]?.integer == 2 }
        // Only time tells that the short grace does nothing: it is over 2 s after the loss.
        try await Task.sleep(until: lost + .seconds(3))
        let back = try await service.returning("bob")
        #expect(try await service.status(of: "bob") == before)
        try await back.state("busy")
        #expect(try await alice.events(upTo: "bob", word: "busy").count == 1)
    }

    @Test("With broker_restart never, a restart is none")
    func never() async throws {
        let service = try await Service.start(["broker_restart": "never"]) {
            $0.persistence = true
        }
        defer { service.end() }
        let phone = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        try await service.brokerHasRun(5)
        try await service.broker.save()
        service.bridgeProcess?.send(SIGSTOP)
        try await service.broker.restart(killing: true)
        keep(phone)
        service.bridgeProcess?.send(SIGCONT)
        let carol = try await service.returning("carol")
        try await service.status(of: "carol", is: "online")
        // Of the new broker a live uptime has come, too, by which a restart would be found.
        try await service.brokerHasRun(2)
        try await carol.state("away")
        try await service.status(of: "carol", is: "away")
        let state = try await service.bridgeState { $0["state"]?.string == "online" }
        #expect(state["epoch"]?.integer == 1)
    }
}
