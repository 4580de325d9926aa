import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite(
    "A device",
    .service(users: [
        "birth", "will", "clean", "logout", "leave", "ttl", "renewed", "empty", "unretained",
        "repeat", "old", "session", "nameless", "kept", "zombie", "flagless",
    ])
)
struct DeviceTests {
    @Test(
        "The birth makes its user online, by MQTT 5 and 3.1.1",
        arguments: ProtocolVersion.allCases
    )
    func birth(version: ProtocolVersion) async throws {
        let service = try Service.current
        let name = version == .v5 ? "five" : "three"
        let device = try await service.device("birth", name, version: version)
        let status = try await service.status(of: "birth") { $0["devices"]?[name] != nil }
        #expect(status["online"]?.bool == true)
        #expect(status["devices"]?[name]?.string == "online")
        #expect(status["cause"] == .null)
        try await device.disconnect()
    }

    @Test("The will makes its user offline, with the cause lost")
    func will() async throws {
        let service = try Service.current
        let device = try await service.device("will", "phone")
        let online = try await service.status(of: "will", is: "online")
        await device.dropConnection()
        let status = try await service.status(of: "will", is: "offline")
        #expect(status["online"]?.bool == false)
        #expect(try status["devices"] == .text("{}"))
        #expect(status["cause"]?.string == "lost")
        let (since, before) = (status["since"]?.integer ?? 0, online["since"]?.integer ?? .max)
        #expect(since >= before)
    }

    @Test("A DISCONNECT alone leaves a device online")
    func cleanDisconnect() async throws {
        let service = try Service.current
        let device = try await service.device("clean", "phone")
        let monitor = try await service.monitor("presence/status/+")
        _ = try await monitor.status(of: "clean")
        try await device.disconnect()
        try await service.settle(monitor)
        #expect(try monitor.takeStatuses(of: "clean").isEmpty)
    }

    @Test("A DISCONNECT with will is a loss")
    func disconnectWithWill() async throws {
        let service = try Service.current
        let device = try await service.device("leave", "phone")
        try await service.status(of: "leave", is: "online")
        try await device.disconnect(reason: .disconnectWithWill)
        let status = try await service.status(of: "leave", is: "offline")
        #expect(status["cause"]?.string == "lost")
    }

    @Test("The word offline is a logout")
    func logout() async throws {
        let service = try Service.current
        let device = try await service.device("logout", "phone")
        try await service.status(of: "logout", is: "online")
        try await device.state("offline")
        let status = try await service.status(of: "logout", is: "offline")
        #expect(status["cause"]?.string == "logout")
        #expect(try status["devices"] == .text("{}"))
    }

    @Test("A device that breaks its ttl is lost, and its topic says so")
    func ttl() async throws {
        let service = try Service.current
        // The promise of this one was made first, and ended with a statement that has none.
        let other = try await service.device("renewed", "phone", birth: #"{"ttl":5}"#)
        try await other.state("online")
        let device = try await service.device("ttl", "phone", birth: #"{"status":"away","ttl":5}"#)
        let away = try await service.status(of: "ttl", is: "away")
        let status = try await service.status(of: "ttl", is: "offline")
        #expect(status["cause"]?.string == "ttl")
        // It was last seen when it stated something, not when the time was up.
        #expect(status["since"] == away["since"])
        let monitor = try await service.monitor("presence/device/+/phone")
        let topic = "presence/device/ttl/phone"
        let verdict = try await monitor.expect(topic) { $0.text.contains("lost") }
        #expect(verdict.text == #"{"status":"lost","cause":"ttl","by":"presence-bridge"}"#)
        #expect(verdict.retain)
        #expect(try await service.status(of: "renewed")["online"]?.bool == true)
        withExtendedLifetime((device, other)) {}
    }

    @Test("An empty payload is a logout, and the device is not remembered")
    func emptyPayload() async throws {
        let service = try Service.current
        let device = try await service.device("empty", "phone")
        try await service.status(of: "empty", is: "online")
        try await device.state("")
        let status = try await service.status(of: "empty", is: "offline")
        #expect(status["cause"]?.string == "logout")
        // Of a device that is remembered a will would stay; now it is cleared.
        let monitor = try await service.monitor("presence/device/empty/+")
        await device.dropConnection()
        #expect(try await monitor.expect().text == "lost")
        #expect(try await monitor.expect().payload.isEmpty)
    }

    @Test("A statement without the retain flag counts, and the bridge writes it retained, marked")
    func unretained() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/device/unretained/+")
        let device = try await service.device("unretained", "phone", birth: nil)
        try await device.state(#"{"status":"away","ttl":600,"x":1}"#, retain: false)
        try await service.status(of: "unretained", is: "away")
        let live = try await monitor.expect()
        #expect(!live.retain)
        let written = try await monitor.expect()
        #expect(written.text == #"{"status":"away","ttl":600,"by":"presence-bridge"}"#)
        #expect(written.retain)
        #expect(written.by == "presence-bridge")
        // A will without the flag would leave the birth on the topic.
        try await device.state("lost", retain: false)
        _ = try await monitor.expect { $0.text == "lost" }
        #expect(try await monitor.expect().text == #"{"status":"lost","by":"presence-bridge"}"#)
        try await service.status(of: "unretained", is: "offline")
    }

    @Test("An empty payload without the retain flag clears the topic all the same")
    func unretainedEmptyPayload() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/device/flagless/+")
        let device = try await service.device("flagless", "phone")
        try await service.status(of: "flagless", is: "online")
        try await device.state("", retain: false)
        #expect(try await monitor.expect().text == "online")
        #expect(try await !monitor.expect().retain)
        let written = try await monitor.expect()
        #expect(written.payload.isEmpty)
        #expect(written.retain)
        try await service.status(of: "flagless", is: "offline")
    }

    @Test("A device that repeats what it said causes no event and no new status")
    func repetition() async throws {
        let service = try Service.current
        let watcher = try await service.client("alice", "repeat")
        let device = try await service.device("repeat", "phone", birth: "away")
        try await service.status(of: "repeat", is: "away")
        try await service.subscribe(watcher, to: "repeat")
        let monitor = try await service.monitor("presence/status/+")
        _ = try await monitor.status(of: "repeat")
        try await device.state("away")
        try await device.state(#"{"status":"away","session":"new"}"#)
        try await device.state(#"{"status":"away","ttl":600}"#)
        try await service.settle(monitor)
        #expect(try monitor.takeStatuses(of: "repeat").isEmpty)
        let events = try await service.messages(of: watcher)
        #expect(
            !events.contains { $0.topic == "presence/event/alice" && $0.text.contains("repeat") }
        )
    }
}

extension DeviceTests {
    @Test("The will of an older session changes nothing, and the statement is put back")
    func staleWill() async throws {
        let service = try Service.current
        let birth = #"{"status":"away","session":"new"}"#
        let device = try await service.device("session", "phone", birth: birth)
        try await service.status(of: "session", is: "away")
        let monitor = try await service.monitor("presence/status/+", "presence/device/session/+")
        _ = try await monitor.status(of: "session")
        let topic = "presence/device/session/phone"
        _ = try await monitor.expect(topic)
        try await device.state(#"{"status":"lost","session":"old"}"#)
        _ = try await monitor.expect(topic)
        let written = try await monitor.expect(topic)
        #expect(
            written.text == #"{"status":"away","session":"new","by":"presence-bridge"}"#
        )
        #expect(written.retain)
        try await service.settle(monitor)
        #expect(try monitor.takeStatuses(of: "session").isEmpty)
        // The will of its own session counts.
        try await device.state(#"{"status":"lost","session":"new"}"#)
        let status = try await monitor.status(of: "session")
        #expect(status["cause"]?.string == "lost")
    }

    @Test("A will without a session counts, whatever the session of the device")
    func willWithoutSession() async throws {
        let service = try Service.current
        let birth = #"{"session":"new"}"#
        let device = try await service.device("nameless", "phone", birth: birth)
        try await service.status(of: "nameless", is: "online")
        try await device.state("lost")
        try await service.status(of: "nameless", is: "offline")
    }

    @Test("A statement without a session keeps the session of the one before")
    func sessionIsKept() async throws {
        let service = try Service.current
        let device = try await service.device("kept", "phone", birth: #"{"session":"new"}"#)
        try await device.state("away")
        try await service.status(of: "kept", is: "away")
        let monitor = try await service.monitor("presence/device/kept/+")
        _ = try await monitor.expect()
        try await device.state(#"{"status":"lost","session":"old"}"#)
        _ = try await monitor.expect()
        let written = try await monitor.expect()
        #expect(
            written.text == #"{"status":"away","session":"new","by":"presence-bridge"}"#
        )
    }

    @Test("offline and lost of a device that is not known change nothing and are cleared")
    func unknownOffline() async throws {
        let service = try Service.current
        let monitor = try await service.monitor("presence/#")
        let device = try await service.client("zombie", "phone")
        for word in ["offline", "lost", #"{"status":"offline"}"#] {
            try await device.state(word)
            let topic = "presence/device/zombie/phone"
            _ = try await monitor.expect(topic) { $0.text == word }
            try await monitor.clear(of: topic)
        }
        // Neither does an empty one, which is clear already.
        try await device.state("")
        try await service.settle(monitor)
        #expect(try monitor.takeStatuses(of: "zombie").isEmpty)
        #expect(try await service.get("zombie", by: device)["seq"]?.integer == 0)
    }

    @Test("What is marked as the bridge's is no word of the device when it arrives live")
    func marked() async throws {
        let service = try Service.current
        let device = try await service.device("old", "phone", birth: "away")
        try await service.status(of: "old", is: "away")
        let monitor = try await service.monitor("presence/status/+", "presence/device/old/+")
        _ = try await monitor.status(of: "old")
        let topic = "presence/device/old/phone"
        _ = try await monitor.expect(topic)
        // It would be an older word that the bridge puts back late: it must not outlive the newer.
        try await device.state(#"{"status":"dnd","by":"presence-bridge"}"#)
        _ = try await monitor.expect(topic)
        let written = try await monitor.expect(topic)
        #expect(written.text == #"{"status":"away","by":"presence-bridge"}"#)
        try await service.settle(monitor)
        #expect(try monitor.takeStatuses(of: "old").isEmpty)
    }
}
