import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// `presence-bridge learn` at a real broker.
@Suite("Learning at a broker")
struct LearnTests {
    private func learn(_ service: Service, _ arguments: [String]) async throws -> Child {
        let child = try Child(
            Service.executable,
            ["learn"] + arguments,
            folder: service.broker.folder
        )
        try await eventually("it ends", within: .seconds(30), log: child.errors) {
            child.exit == nil ? nil : true
        }
        return child
    }

    @Test("It prints the lines that fit, writes nothing, and leaves the bridge that runs alone")
    func lines() async throws {
        let service = try await Service.adopting([], topics: ["#"])
        defer { service.end() }
        let things = try await service.things()
        for (topic, word) in [
            ("tele/plug/LWT", "Online"), ("tele/heater/LWT", "Offline"), ("esp1/status", "online"),
            ("zigbee2mqtt/bridge/state", #"{"state":"online"}"#), ("plant/press/alive", "running"),
        ] {
            try await things.publish(topic, word, retain: true)
        }
        try await things.subscribe("#")
        _ = things.takeMessages()
        let child = try await learn(service, ["2"] + service.login)
        #expect(child.exit == .code(0))
        let report = child.output.split(separator: "\n").map(String.init)
        for line in [
            "adopt tasmota", "#   2 things: tasmota-heater, tasmota-plug", "adopt esphome",
            "adopt zigbee2mqtt",
        ] {
            #expect(report.contains(line), "\(child.output)")
        }
        #expect(report.last == "#   plant/press/alive says running: adopt topic=plant/{name}/alive")
        let written = things.takeMessages().filter {
            !$0.retain && !$0.topic.hasPrefix("presence/bridge/") && !$0.topic.contains("$")
        }
        #expect(written.isEmpty, "\(written.map(\.topic))")
        #expect(service.bridgeProcess?.exit == nil)
        #expect(!service.bridgeLog.contains("client id"))
    }

    @Test("That the broker has dropped something is told, and why nothing may be heard")
    func cut() async throws {
        let service = try await Service.adopting([], topics: ["#"], startsBridge: false) {
            $0.extra = "max_queued_messages 10"
        }
        defer { service.end() }
        let nothing = try await learn(service, ["1"] + service.login)
        #expect(nothing.output.contains("# presence-bridge learn 600"), "\(nothing.output)")
        let things = try await service.things()
        let long = String(repeating: "x", count: 100_000)
        for number in 1...400 { try await things.publish("t/\(number)", long, retain: true) }
        let child = try await learn(service, ["4"] + service.login)
        let start = child.output.prefix(400)
        #expect(child.output.contains("has dropped messages meanwhile"), "\(start)")
    }

    @Test("A broker that is not there, and seconds that cannot be, are told")
    func failures() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let wrong = try await learn(
            service,
            ["1", "--port", "\(service.broker.port)", "--username", "x", "--password", "y"]
        )
        #expect(wrong.exit == .code(1))
        #expect(wrong.errors.contains("no connection to the broker"))
        let seconds = try await learn(service, ["0"])
        #expect(seconds.exit == .code(2) || seconds.exit == .code(64))
        #expect(seconds.errors.contains("SECONDS"))
        for flag in ["--check", "--version"] {
            let answer = try await learn(service, ["1", flag])
            #expect(answer.exit == .code(2))
            #expect(answer.errors.contains("'learn' has no \(flag)"), "\(answer.errors)")
        }
        let key = try await learn(service, ["1", "--max_devics", "3"])
        #expect(key.exit == .code(2))
        #expect(key.errors.contains("did you mean"))
    }
}
