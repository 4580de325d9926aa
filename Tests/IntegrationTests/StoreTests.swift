import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("The store beside the bridge")
struct StoreTests {
    @Test("A file that is no store is refused by name, and left as it is")
    func textFile() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let text = String(repeating: "Dear diary, nobody was online today.\n", count: 50)
        try service.broker.folder.write(text, to: "presence.db")
        try await service.startBridge(waits: false)
        let bridge = try #require(service.bridgeProcess)
        #expect(try await bridge.wait() == .code(1))
        #expect(bridge.errors.contains("\(service.storePath) is not an SQLite database"))
        #expect(service.broker.folder.read("presence.db") == text)
    }

    @Test("A file of a later release is refused, with both versions, and left as it is")
    func newerVersion() async throws {
        let service = try await Service.start()
        defer { service.end() }
        try await service.stopBridge()
        let url = URL(filePath: service.storePath)
        var file = try Data(contentsOf: url)
        // PRAGMA user_version: four bytes, the highest first (section 1.3 of the file format).
        file.replaceSubrange(60..<64, with: [0, 0, 3, 9])
        try file.write(to: url)
        try await service.startBridge(waits: false)
        let bridge = try #require(service.bridgeProcess)
        #expect(try await bridge.wait() == .code(1))
        #expect(bridge.errors.contains("\(service.storePath) has version 777"))
        #expect(try Data(contentsOf: url) == file)
    }

    @Test("A store that another bridge has open is refused")
    func inUse() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let first = try #require(service.bridgeProcess)
        try await service.startBridge(["bridge_id": "second"], waits: false)
        let second = try #require(service.bridgeProcess)
        #expect(try await second.wait() == .code(1))
        #expect(second.errors.contains("is in use by another bridge"))
        #expect(first.exit == nil)
        first.kill()
    }

    @Test("While another program has it locked, what would change it is unavailable")
    func locked() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        let bob = try await service.device("bob", "phone")
        _ = try await alice.events(upTo: "bob", word: "online")
        let lock = try WriteLock(on: service.storePath)
        try await service.expectUnavailable(alice, bob)
        lock.release()
        try await service.expectRecovery(alice)
        try await service.status(of: "bob", is: "away")
    }

    @Test("What devices change while another program has it locked survives a kill")
    func journaled() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        let lock = try WriteLock(on: service.storePath)
        try await bob.state("away")
        let before = try await service.status(of: "bob", is: "away")
        // Nobody has asked for anything, so nothing is refused.
        try await service.bridgeProcess?.line(with: "is kept in the journal meanwhile")
        #expect(!service.bridgeLog.contains("the store does not accept writes"))
        try await service.killBridge()
        lock.release()
        try await service.startBridge()
        try await service.bridgeProcess?.line(with: "brought from the journal into the store")
        #expect(try await service.status(of: "bob") == before)
        try await service.stopBridge()
        let folder = URL(filePath: service.storePath).deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        #expect(files.filter { $0.hasPrefix("presence.db") } == ["presence.db"])
    }

    @Test("While its disk is full, what would change it is unavailable")
    func diskFull() async throws {
        guard let disk = try await SmallDisk.mount() else {
            print("skipped: this machine lets nobody mount a tmpfs, so no disk can be filled")
            return
        }
        defer { disk.unmount() }
        let service = try await Service.start(["store": disk.file("presence.db")])
        defer { service.end() }
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        let bob = try await service.device("bob", "phone")
        _ = try await alice.events(upTo: "bob", word: "online")
        disk.fill()
        // What the files already have may still be enough for some.
        var acknowledged: [String] = []
        var refused: JSONValue?
        for round in 0..<100 where refused == nil {
            let names = (0..<100).map { "u\(round)-\($0)" }
            let list = names.map { "\"\($0)\"" }.joined(separator: ",")
            let answer = try await service.request(alice, "subscribe", "{\"usernames\":[\(list)]}")
            if answer["result"] == nil { refused = answer } else { acknowledged += names }
        }
        #expect(refused?.errorCode == "unavailable")
        try await service.expectUnavailable(alice, bob)
        #expect(service.bridgeLog.contains("no room left"))
        disk.empty()
        try await service.expectRecovery(alice)
        let total = try await service.request(alice, "subscriptions")["result"]?["total"]
        #expect(total?.integer == Int64(acknowledged.count + 2))
        // The shell's own disk is unmounted only when nobody uses it any more.
        service.end()
    }

    @Test("In memory it serves, and a restart begins with what is retained")
    func memory() async throws {
        let service = try await Service.start(["store": ":memory:"])
        defer { service.end() }
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        let bob = try await service.device("bob", "phone", birth: "away")
        let before = try await service.status(of: "bob", is: "away")
        try await service.killBridge()
        try await service.startBridge()
        let list = try await service.request(alice, "subscriptions")
        #expect(list["result"]?["total"]?.integer == 0)
        #expect(try await service.status(of: "bob") == before)
        #expect(!FileManager.default.fileExists(atPath: service.broker.folder.file(":memory:")))
        try await bob.state("busy")
        let after = try await service.status(of: "bob", is: "busy")
        #expect(try #require(after["seq"]?.integer) > #require(before["seq"]?.integer))
    }
}
