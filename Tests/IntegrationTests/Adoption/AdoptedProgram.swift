import BrokerFixture
import Foundation
import Testing

/// A real program that publishes its availability: how it is run, how it is adopted, and how its life is told.
struct AdoptedProgram: Sendable, CustomTestStringConvertible {
    /// Its script below `Programs`, without the ending.
    let script: String
    /// The list of its packages, without the ending.
    let packages: String
    /// The `adopt` line.
    let line: String
    /// Filters of topics that it may write, and the bridge read.
    let topics: [String]
    /// The users that it makes, with their devices.
    let users: [String: [String]]
    /// The signal that asks it to end.
    var end = SIGTERM
    /// The cause that is told when it has ended in order.
    let cause: String
    /// Whether it says anew that it is there when the broker is back.
    var comesBack = true

    var testDescription: String { script }

    static let all = [
        AdoptedProgram(
            script: "homie4_contact",
            packages: "paho-1",
            line: "homie",
            topics: ["homie/#"],
            users: ["homie-pump": ["homie"]],
            // It says `disconnected` and then, by its will, `lost`.
            cause: "logout"
        ),
        AdoptedProgram(
            script: "ebus_gateway",
            packages: "paho-2",
            line: "homie root=ebus version=5",
            topics: ["ebus/#"],
            // When it is killed the pump's topic goes on saying `ready`.
            users: ["homie-gw": ["homie"], "homie-pump": ["homie"]],
            cause: "logout"
        ),
        AdoptedProgram(
            script: "mqttwarn_file",
            packages: "paho-1",
            line: "mqttwarn",
            topics: ["clients/#", "test/#"],
            users: ["mqttwarn-mqttwarn": ["mqttwarn"]],
            cause: "lost"
        ),
        AdoptedProgram(
            script: "mqtt_io_box",
            packages: "paho-2",
            line: "topic=box/{name}/status on=running off=dead end=stopped user=box-{name}",
            topics: ["box/#"],
            users: ["box-io": ["thing"]],
            cause: "logout"
        ),
        AdoptedProgram(
            script: "linux2mqtt_box",
            packages: "paho-2",
            line: "linux2mqtt",
            topics: ["linux/#", "homeassistant/#"],
            users: ["linux2mqtt-box": ["cpu", "linux2mqtt", "virtual_memory"]],
            cause: "lost"
        ),
        AdoptedProgram(
            script: "hue2mqtt_bridge",
            packages: "hue",
            line: "hue2mqtt",
            topics: ["hue2mqtt/#"],
            users: ["hue2mqtt": ["hue2mqtt"]],
            cause: "lost",
            // It goes on without a broker.
            comesBack: false
        ),
        AdoptedProgram(
            script: "lnxlink_box",
            packages: "paho-2",
            line: "topic=lnxlink/{name}/lwt user=lnxlink-{name} device=lnxlink",
            topics: ["lnxlink/#"],
            users: ["lnxlink-box": ["lnxlink"]],
            cause: "lost"
        ),
        AdoptedProgram(
            script: "theengs_gateway",
            packages: "paho-2",
            line: "openmqttgateway",
            topics: ["home/#"],
            users: ["openmqttgateway-TheengsGateway": ["openmqttgateway"]],
            end: SIGINT,
            cause: "lost"
        ),
        AdoptedProgram(
            script: "discoverable_door",
            packages: "paho-2",
            line: "topic=hmd/binary_sensor/{name}/door/availability user=hall device=door-{name}",
            topics: ["hmd/#", "homeassistant/#"],
            users: ["hall": ["door-Hall"]],
            cause: "lost",
            // It connects again, and leaves it at what its will has said.
            comesBack: false
        ),
        AdoptedProgram(
            script: "pysparkplug_node",
            packages: "paho-1",
            line: "sparkplug",
            topics: ["spBv1.0/#"],
            users: [
                "sparkplug-plant-line3": ["sparkplug"],
                "sparkplug-plant-line3-pump": ["sparkplug"],
            ],
            cause: "lost"
        ),
        AdoptedProgram(
            script: "spb_wrapper_node",
            packages: "hue",
            line: "sparkplug",
            topics: ["spBv1.0/#"],
            users: ["sparkplug-plant-line2": ["sparkplug"]],
            cause: "lost",
            // It connects again, and is not born anew.
            comesBack: false
        ),
    ]

    /// Starts it as the user `things`.
    func launch(_ packages: String, of service: Service) throws -> Child {
        let script = ProgramPackages.scripts.appending(path: "\(self.script).py").path
        return try Child(
            Python.path,
            [script],
            environment: [
                "PYTHONPATH": packages,
                "BROKER_HOST": service.broker.host,
                "BROKER_PORT": String(service.broker.port),
                "BROKER_USER": "things",
            ]
        )
    }
}
