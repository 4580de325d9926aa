import Presence

/// What Home Assistant takes as a discovery message of a device, as far as the bridge's has any of it (2026.11.0,
/// `components/mqtt/schemas.py`: `DEVICE_DISCOVERY_SCHEMA`, `MQTT_DEVICE_INFO_SCHEMA`, `MQTT_ORIGIN_INFO_SCHEMA`,
/// `MQTT_ENTITY_COMMON_SCHEMA`; `config.py`: `MQTT_RO_SCHEMA`; and `PLATFORM_SCHEMA_MODERN` of `binary_sensor.py` and
/// `sensor.py`).
enum DiscoverySchema {
    private enum Kind {
        case text, textOrNull, texts, object
        case words([String])
    }

    private static let availability: [String: Kind] = [
        "availability_topic": .text, "availability_template": .text,
        "payload_available": .text, "payload_not_available": .text,
        "availability_mode": .words(["all", "any", "latest"]),
    ]
    private static let message: [String: Kind] = [
        "device": .object, "origin": .object, "components": .object, "state_topic": .text,
        "command_topic": .text, "encoding": .text,
    ]
    private static let device: [String: Kind] = [
        "identifiers": .texts, "manufacturer": .text, "model": .text, "model_id": .text,
        "name": .text, "hw_version": .text, "sw_version": .text, "serial_number": .text,
        "via_device": .text, "suggested_area": .text, "configuration_url": .text,
    ]
    private static let origin: [String: Kind] = [
        "name": .text, "sw_version": .text, "support_url": .text,
    ]
    private static let entity: [String: Kind] = [
        "platform": .words(["binary_sensor", "sensor"]), "unique_id": .text, "icon": .text,
        "json_attributes_topic": .text, "json_attributes_template": .text, "state_topic": .text,
        "value_template": .text, "name": .textOrNull, "default_entity_id": .text,
    ]
    private static let ofPlatform: [String: [String: Kind]] = [
        "binary_sensor": [
            // `BinarySensorDeviceClass`, of which this is one.
            "device_class": .words(["connectivity"]), "payload_on": .text, "payload_off": .text,
        ],
        "sensor": ["device_class": .textOrNull],
    ]

    /// What is wrong with a message, in words; nothing if it is taken.
    static func faults(of value: JSONValue) -> [String] {
        guard let object = value.object else { return ["it is no object"] }
        var faults = compare(
            object,
            message.merging(availability) { $1 },
            ["device", "origin", "components"]
        )
        if let device = object["device"]?.object {
            faults += compare(device, self.device, ["identifiers"])
        }
        if let origin = object["origin"]?.object {
            faults += compare(origin, self.origin, ["name"])
        }
        let components = object["components"]?.object
        if components?.keys.isEmpty != false { faults.append("there is no component") }
        var ids: Set<String> = []
        for key in components?.keys ?? [] {
            guard let component = components?[key]?.object else {
                faults.append("\(key) is no object")
                continue
            }
            let platform = component["platform"]?.string ?? ""
            let known = entity.merging(availability) { $1 }.merging(ofPlatform[platform] ?? [:]) {
                $1
            }
            faults += compare(component, known, ["platform", "unique_id", "state_topic"])
            if !ids.insert(component["unique_id"]?.string ?? "").inserted {
                faults.append("two components have one unique_id")
            }
        }
        return faults
    }

    private static func compare(
        _ object: JSONObject,
        _ known: [String: Kind],
        _ wanted: [String]
    ) -> [String] {
        var faults = wanted.filter { object[$0] == nil }.map { "\($0) is missing" }
        for key in object.keys {
            guard let kind = known[key] else {
                faults.append("\(key) is not known")
                continue
            }
            guard let value = object[key], !isOf(kind, value) else { continue }
            faults.append("\(key) is not what it must be")
        }
        for key in object.keys where key.hasSuffix("_topic") {
            if !TopicName.isPublishable(object[key]?.string ?? "") {
                faults.append("\(key) is no topic")
            }
        }
        return faults
    }

    private static func isOf(_ kind: Kind, _ value: JSONValue) -> Bool {
        switch kind {
        case .text: value.string?.isEmpty == false
        case .textOrNull: value == .null || value.string != nil
        case .texts:
            value.array?.allSatisfy { $0.string?.isEmpty == false } == true && value.array != []
        case .object: value.object != nil
        case .words(let words): words.contains(value.string ?? "")
        }
    }
}
