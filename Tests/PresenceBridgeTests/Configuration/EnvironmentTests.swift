import Foundation
import PresenceCore
import PresenceStore
import Testing

@testable import PresenceBridge

@Suite("Variables of the environment")
struct EnvironmentTests {
    private let sample: ConfigurationSample

    init() throws { sample = try ConfigurationSample() }

    @Test("Each key has a variable of its own, which the command presence does not read")
    func names() {
        let names = Setting.all.map(\.environmentName)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("PRESENCE_BRIDGE_") })
        #expect(Setting.named("bridge_id")?.environmentName == "PRESENCE_BRIDGE_ID")
        #expect(Setting.named("username")?.environmentName == "PRESENCE_BRIDGE_USERNAME")
    }

    @Test("A login that was exported for the command presence is not the bridge's")
    func logins() throws {
        let login = ["PRESENCE_USERNAME": "alice", "PRESENCE_PASSWORD": "demo-alice"]
        let alone = try sample.load(environment: login)
        #expect(alone.settings == Settings())
        #expect(
            alone.warnings == [
                "environment: PRESENCE_USERNAME is the command presence's own, and nothing to the "
                    + "bridge; PRESENCE_BRIDGE_USERNAME is the bridge's",
                "environment: PRESENCE_PASSWORD is the command presence's own, and nothing to the "
                    + "bridge; PRESENCE_BRIDGE_PASSWORD is the bridge's",
            ]
        )
        let own = ["PRESENCE_BRIDGE_USERNAME": "b", "PRESENCE_BRIDGE_PASSWORD": "p"]
        let both = try sample.load(environment: login.merging(own) { $1 })
        #expect(both.settings.broker.username == "b")
        #expect(both.settings.broker.password == "p")
        #expect(both.warnings.isEmpty)
    }

    @Test("What only the command presence knows is no matter for the bridge")
    func commands() throws {
        let environment = ["PRESENCE_ID": "x", "PRESENCE_TIMEOUT": "9s", "PRESENCE_PREFIX": "p"]
        let configuration = try sample.load(environment: environment)
        #expect(configuration.settings == Settings())
        #expect(configuration.warnings.isEmpty)
    }

    @Test("A name of the release before is taken, with a warning that names the new one")
    func former() throws {
        let former = ["PRESENCE_MAX_DEVICES": "7", "PRESENCE_STORE": "s.db"]
        let configuration = try sample.load("max_devices 3\n", environment: former)
        #expect(configuration.settings.limits.maxDevices == 7)
        #expect(configuration.settings.store.location.shown == "s.db")
        #expect(
            configuration.warnings == [
                "environment: PRESENCE_STORE is called PRESENCE_BRIDGE_STORE now, and the next "
                    + "release will not take the old name",
                "environment: PRESENCE_MAX_DEVICES is called PRESENCE_BRIDGE_MAX_DEVICES now, and "
                    + "the next release will not take the old name",
            ]
        )
        let both = ["PRESENCE_MAX_DEVICES": "7", "PRESENCE_BRIDGE_MAX_DEVICES": "8"]
        let newer = try sample.load(environment: both)
        #expect(newer.settings.limits.maxDevices == 8)
        #expect(newer.warnings.isEmpty)
        let file = try sample.write("max_devices 4\n", as: "old.conf")
        let named = try Configuration.load(.init(environment: ["PRESENCE_CONFIG": file]))
        #expect(named.settings.limits.maxDevices == 4)
        #expect(named.warnings.count == 1)
        #expect(
            try sample.problems(environment: ["PRESENCE_MAX_DEVICES": "x"]) == [
                "environment: PRESENCE_MAX_DEVICES: 'x' is not a whole number; allowed: 1 to 10000 "
                    + "devices"
            ]
        )
    }

    @Test("The broker of the command presence is the bridge's only where nothing else names one")
    func places() throws {
        let place = ["PRESENCE_HOST": "far.example", "PRESENCE_PORT": "1990"]
        let alone = try sample.load(environment: place)
        #expect(alone.settings.broker.host == "far.example")
        #expect(alone.settings.broker.port == 1_990)
        #expect(alone.warnings.count == 2)
        let filed = try sample.load("host near.example\nport 1\n", environment: place)
        #expect(filed.settings.broker.host == "near.example")
        #expect(filed.settings.broker.port == 1)
        let own = ["PRESENCE_BRIDGE_HOST": "own.example", "PRESENCE_BRIDGE_PORT": "2"]
        let both = try sample.load(environment: place.merging(own) { $1 })
        #expect(both.settings.broker.host == "own.example")
        #expect(both.settings.broker.port == 2)
        #expect(both.warnings.isEmpty)
    }

    @Test("What is nobody's brings a warning, and a hint where a name is near")
    func unknown() throws {
        let configuration = try sample.load(
            environment: ["PRESENCE_MAX_DEVICE": "3", "PRESENCE_ZZZ": "1"]
        )
        let words = "is nothing to the bridge, whose variables begin with PRESENCE_BRIDGE_"
        #expect(
            configuration.warnings == [
                "environment: PRESENCE_MAX_DEVICE \(words); did you mean "
                    + "'PRESENCE_BRIDGE_MAX_DEVICES'?",
                "environment: PRESENCE_ZZZ \(words)",
            ]
        )
    }
}
