import BrokerFixture
import Foundation
import Presence
import Testing

/// A thing, what it says of itself, and what is to become of that.
struct AvailabilityCase: CustomTestStringConvertible, Sendable {
    let topic: String
    let user: String
    let device: String
    /// What it says, one after the other, and the user's status after each.
    let says: [(payload: String, status: String, cause: String?)]

    var testDescription: String { topic }

    static let all = [
        AvailabilityCase(
            topic: "tele/plug/LWT",
            user: "tasmota-plug",
            device: "tasmota",
            says: [("Online", "online", nil), ("Offline", "offline", "lost")]
        ),
        AvailabilityCase(
            topic: "zigbee2mqtt/lamp/availability",
            user: "zigbee-lamp",
            device: "zigbee2mqtt",
            says: [
                (#"{"state":"online"}"#, "online", nil),
                (#"{"state":"offline"}"#, "offline", "lost"),
            ]
        ),
        // As releases before 2 could be told to.
        AvailabilityCase(
            topic: "zigbee2mqtt/kitchen/lamp/availability",
            user: "zigbee-kitchen.lamp",
            device: "zigbee2mqtt",
            says: [("online", "online", nil), ("offline", "offline", "lost")]
        ),
        AvailabilityCase(
            topic: "homie/pump/$state",
            user: "homie-pump",
            device: "homie",
            says: [
                ("init", "init", nil), ("ready", "online", nil), ("alert", "alert", nil),
                ("sleeping", "sleeping", nil), ("disconnected", "offline", "logout"),
                ("ready", "online", nil), ("lost", "offline", "lost"),
            ]
        ),
        AvailabilityCase(
            topic: "homie/5/fan/$state",
            user: "homie-fan",
            device: "homie",
            says: [("ready", "online", nil), ("disconnected", "offline", "logout")]
        ),
        AvailabilityCase(
            topic: "homeassistant/status",
            user: "homeassistant",
            device: "homeassistant",
            says: [("online", "online", nil), ("offline", "offline", "lost")]
        ),
    ]
}

@Suite(
    "The mapper of availability topics that is shipped",
    .enabled(if: Python.hasPaho, "Debian's package python3-paho-mqtt is not installed")
)
struct AvailabilityTests {
    /// A service with the rights that are shipped with the mapper, and with a login for the things.
    private func service(_ flags: [String: String] = [:]) async throws -> Service {
        let acl = Example.examples.appending(path: "iot/acl")
        let rights = try String(contentsOf: acl, encoding: .utf8)
        return try await Service.start(flags, users: ["availability", "things"]) { options in
            let things = ["tele", "zigbee2mqtt", "homie", "homeassistant"]
            options.acl = [options.acl ?? "", rights, "user things"].joined(separator: "\n")
            options.acl? += things.map { "\ntopic write \($0)/#" }.joined() + "\n"
            options.persistence = true
        }
    }

    private func mapper(of service: Service, ttl: Int = 30) throws -> Example {
        try Example("iot/availability.py", "--ttl", "\(ttl)", as: "availability", of: service)
    }

    private func things(of service: Service) async throws -> TestClient {
        try await TestClient.connect(to: service.broker, username: "things", password: "things")
    }

    @Test(
        "It states what each kind of thing says, retained or live",
        arguments: AvailabilityCase.all
    )
    func states(_ thing: AvailabilityCase) async throws {
        let service = try await service()
        defer { service.end() }
        let things = try await things(of: service)
        var mapper: Example?
        for (payload, status, cause) in thing.says {
            try await things.publish(thing.topic, payload, retain: true)
            // The first is retained when the mapper comes.
            if mapper == nil { mapper = try self.mapper(of: service) }
            let found = try await service.status(of: thing.user, is: status)
            #expect(found["cause"] == cause.map { .string($0) } ?? .null)
            if cause == nil { #expect(found["devices"]?[thing.device] == .string(status)) }
        }
        try await mapper?.ends(by: SIGTERM)
    }

    @Test(
        "It keeps things online beyond their ttl; when it dies they are lost; then it is right again"
    )
    func death() async throws {
        let service = try await service()
        defer { service.end() }
        let things = try await things(of: service)
        try await things.publish("tele/plug/LWT", "Online", retain: true)
        try await things.publish("homie/pump/$state", "ready", retain: true)
        let mapper = try mapper(of: service, ttl: 5)
        let first = try await service.status(of: "tasmota-plug", is: "online")
        let topic = "presence/device/tasmota-plug/tasmota"
        _ = try await service.monitor(topic).expect(5, on: topic)
        let later = try await service.status(of: "tasmota-plug")
        #expect(later["since"] == first["since"])
        #expect(later["online"] == .bool(true))

        mapper.process.kill()
        try await service.status(of: "tasmota-plug") { $0["cause"] == .string("ttl") }
        try await service.status(of: "homie-pump") { $0["cause"] == .string("ttl") }
        try await things.publish("homie/pump/$state", "alert", retain: true)
        let another = try self.mapper(of: service)
        try await service.status(of: "tasmota-plug", is: "online")
        try await service.status(of: "homie-pump", is: "alert")
        try await another.ends(by: SIGTERM)
        // Its end is not theirs: another one may follow.
        #expect(try await service.status(of: "homie-pump")["status"] == .string("alert"))
    }

    @Test("Nothing of zigbee2mqtt is online while zigbee2mqtt itself is not")
    func source() async throws {
        let service = try await service()
        defer { service.end() }
        let things = try await things(of: service)
        let (state, lamp) = ("zigbee2mqtt/bridge/state", "zigbee2mqtt/lamp/availability")
        try await things.publish(lamp, #"{"state":"online"}"#, retain: true)
        try await things.publish(state, #"{"state":"offline"}"#, retain: true)
        let mapper = try mapper(of: service)
        try await mapper.shows("zigbee2mqtt/bridge/state is offline")
        try await mapper.shows("zigbee-lamp zigbee2mqtt is online")
        try await service.settle()
        #expect(try await service.text(on: "presence/status/zigbee-lamp") == nil)
        try await things.publish(state, #"{"state":"online"}"#, retain: true)
        try await service.status(of: "zigbee-lamp", is: "online")
        try await things.publish(state, #"{"state":"offline"}"#, retain: true)
        try await service.status(of: "zigbee-lamp") { $0["cause"] == .string("lost") }
    }

    @Test("A thing that was removed is forgotten, and one that cannot be named is passed over")
    func oddities() async throws {
        let service = try await service()
        defer { service.end() }
        let things = try await things(of: service)
        let mapper = try mapper(of: service)
        try await mapper.shows("connected")
        let long = String(repeating: "x", count: 121)
        try await things.publish("tele/\(long)/LWT", "Online")
        try await mapper.shows("cannot be a user and a device")
        try await things.publish("tele/plug/LWT", "Perhaps")
        try await mapper.shows("no rule for", "Perhaps")
        try await things.publish("homie/pump/$state", "ready", retain: true)
        try await service.status(of: "homie-pump", is: "online")
        let topic = "presence/device/homie-pump/homie"
        let monitor = try await service.monitor(topic)
        _ = try await monitor.expect(topic)
        try await things.publish("homie/pump/$state", "", retain: true)
        try await monitor.clear(of: topic)
        try await service.status(of: "homie-pump") { $0["cause"] == .string("logout") }
    }

    @Test("After a restart of the broker nothing was ever away")
    func brokerRestart() async throws {
        let service = try await service(["broker_restart_grace": "9s"])
        defer { service.end() }
        let things = try await things(of: service)
        try await things.publish("tele/plug/LWT", "Online", retain: true)
        let mapper = try mapper(of: service, ttl: 9)
        let first = try await service.status(of: "tasmota-plug", is: "online")
        let dave = try await service.device("dave", "phone")
        try await service.status(of: "dave", is: "online")
        // Only a broker that has run for longer than that can be seen to have been restarted.
        try await service.brokerHasRun(6)
        try await service.broker.save()
        try await service.broker.restart(killing: true)
        try await mapper.shows("disconnected")
        try await mapper.shows("tasmota-plug tasmota is online")
        // dave does not come back: with him everyone's grace is over.
        try await service.status(of: "dave") { $0["cause"] == .string("restart") }
        let later = try await service.status(of: "tasmota-plug")
        #expect(later["online"] == .bool(true))
        #expect(later["since"] == first["since"])
        keep(dave)
    }
}
