import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// Things that state a birth and have a will, and know nothing else of the protocol, over restarts of
/// the broker.
@Suite("A thing that knows nothing of the bridge")
struct PlainThingTests {
    /// A lamp that is connected.
    private struct Lamp {
        let service: Service
        /// The connection that stands; letting go of it is a crash.
        var connection: TestClient
        let status: JSONValue

        init(_ service: Service) async throws {
            self.service = service
            connection = try await service.returning("bob", "lamp")
            status = try await service.status(of: "bob", is: "online")
        }
    }

    /// A service whose broker keeps what is retained, and a watcher of the lamp.
    private func start() async throws -> (Service, Lamp) {
        let service = try await Service.start(["offline_grace": "1s"]) { $0.persistence = true }
        let lamp = try await Lamp(service)
        // Past the tolerance with which a start of the broker is recognized.
        try await service.brokerHasRun(6)
        return (service, lamp)
    }

    /// Awaits that the grace after the restart is over.
    private func graceEnds(_ service: Service) async throws {
        try await eventually("the grace is over", log: service.bridgeLog) {
            service.bridgeLog.contains("the grace after the restart of the broker is over")
                ? true : nil
        }
    }

    @Test("Bridge and broker end in order, the thing is back first: it was never away")
    func bothEnd() async throws {
        let (service, lamp) = try await start()
        defer { service.end() }
        try await service.stopBridge()
        try await service.broker.restart()
        keep(lamp.connection)
        let watcher = try await service.returning("alice", "test", birth: nil)
        let back = try await service.returning("bob", "lamp")
        try await service.startBridge()
        try await graceEnds(service)
        #expect(try await service.status(of: "bob") == lamp.status)
        #expect(try await service.text(on: "presence/device/bob/lamp") == "online")
        try await back.publish("presence/device/bob/lamp", "away", retain: true)
        try await service.status(of: "bob", is: "away")
        keep(watcher)
    }

    @Test("The broker alone ends in order, the thing is back first: it was never away")
    func brokerEnds() async throws {
        let (service, lamp) = try await start()
        defer { service.end() }
        let watcher = try await service.client("alice")
        try await service.subscribe(watcher, to: "bob")
        service.bridgeProcess?.send(SIGSTOP)
        try await service.broker.restart()
        keep(lamp.connection, watcher)
        let alice = try await service.returning("alice", "test", birth: nil)
        let back = try await service.returning("bob", "lamp")
        service.bridgeProcess?.send(SIGCONT)
        try await service.bridgeState { $0["epoch"]?.integer == 2 }
        try await graceEnds(service)
        #expect(try await service.status(of: "bob") == lamp.status)
        #expect(try await service.text(on: "presence/device/bob/lamp") == "online")
        try await back.publish("presence/device/bob/lamp", "away", retain: true)
        let events = try await alice.events(upTo: "bob", word: "away")
        #expect(events.about("bob").map { $0["status"]?.string } == ["away"])
    }

    @Test(
        "A thing that does not come back is lost, however the broker ended",
        arguments: [true, false]
    )
    func doesNotComeBack(isKilled: Bool) async throws {
        let (service, lamp) = try await start()
        defer { service.end() }
        if isKilled { try await service.broker.save() }
        try await service.broker.restart(killing: isKilled)
        keep(lamp.connection)
        let gone = try await service.status(of: "bob") { $0["online"]?.bool == false }
        #expect(gone["cause"]?.string == "restart")
    }

    @Test("The will of a bridge that died before it had read anything proves nothing")
    func bridgeDiesTwice() async throws {
        let (service, lamp) = try await start()
        defer { service.end() }
        try await service.broker.save()
        service.bridgeProcess?.send(SIGSTOP)
        try await service.broker.restart(killing: true)
        keep(lamp.connection)
        service.bridgeProcess?.kill()
        // The broker has the state of the first bridge, which the second one asks for an answer.
        try await service.startBridge(waits: false)
        try await eventually("it asks", log: service.bridgeLog) {
            service.bridgeLog.contains("asking whether it is") ? true : nil
        }
        service.bridgeProcess?.kill()
        try await service.bridgeState { $0["state"]?.string == "offline" }
        try await service.startBridge()
        let gone = try await service.status(of: "bob") { $0["online"]?.bool == false }
        #expect(gone["cause"]?.string == "restart")
        #expect(service.bridgeLog.contains("kept what may be an older copy"))
    }

    @Test("A broker that keeps nothing has only what was said since: the thing was never away")
    func nothingKept() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let lamp = try await Lamp(service)
        try await service.brokerHasRun(6)
        service.bridgeProcess?.send(SIGSTOP)
        try await service.broker.restart(killing: true)
        keep(lamp.connection)
        let back = try await service.returning("bob", "lamp")
        service.bridgeProcess?.send(SIGCONT)
        try await service.bridgeState { $0["epoch"]?.integer == 2 }
        try await graceEnds(service)
        #expect(try await service.status(of: "bob") == lamp.status)
        #expect(try await service.text(on: "presence/device/bob/lamp") == "online")
        keep(back)
    }
}
